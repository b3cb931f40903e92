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
  /** How a network policy refers to it. */
  readonly peer: NetworkPeer;
  /** PEM bundle that its certificate is verified with; null for a server without TLS. */
  readonly caCertificate: pulumi.Output<string> | null;
  /** Whether the stack created the server, so that nobody else uses it. */
  readonly own: boolean;
  /** Login that makes databases and roles. */
  readonly adminUsername: string;
  /** Its password; secret. */
  readonly adminPassword: pulumi.Output<string>;
  /** How the dynamic resources reach the server. */
  readonly target: pulumi.Output<PostgresTarget>;
  /** Acts as the admin login; usable once the server answers. */
  readonly provider: postgresql.Provider;
}
