import type * as postgresql from "@pulumi/postgresql";
import type * as pulumi from "@pulumi/pulumi";
import type { NetworkPeer } from "../cluster/network-peer.ts";
import type { PostgresTarget } from "../../protocol/database/postgres-target.ts";

/** A Postgres server that databases can be made in, wherever it runs. */
export interface Postgres {
  /** Host name inside the cluster. */
  readonly host: pulumi.Output<string>;
  /** Port inside the cluster. */
  readonly port: number;
  /** What a network policy calls it. */
  readonly peer: NetworkPeer;
  /** PEM bundle that its certificate is verified with; null for one without TLS. */
  readonly caCertificate: pulumi.Output<string> | null;
  /** Whether the stack made the server, so that nobody else works in it. */
  readonly own: boolean;
  /** Login that makes databases and roles. */
  readonly adminUsername: string;
  /** Its password; secret. */
  readonly adminPassword: pulumi.Output<string>;
  /** The way to the server for the dynamic resources. */
  readonly target: pulumi.Output<PostgresTarget>;
  /** Acts as the admin login; usable once the server answers. */
  readonly provider: postgresql.Provider;
}
