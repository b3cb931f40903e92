import * as postgresql from "@pulumi/postgresql";
import * as pulumi from "@pulumi/pulumi";
import type { NetworkPeer } from "../cluster/network-peer.ts";
import { childOptions, componentOptions } from "../shared/child-options.ts";
import { certificateFile } from "./certificate-file.ts";
import type { PostgresTarget } from "../../protocol/database/postgres-target.ts";
import type { Postgres } from "./postgres.ts";

/** A Postgres server that runs already. */
export interface ExistingPostgresArgs {
  /** Host name by which this machine and the cluster reach the server. */
  readonly host: string;
  /** Port. @default 5432 */
  readonly port?: number;
  /** A login that may create databases and roles. */
  readonly adminUsername: string;
  /** Its password; secret. */
  readonly adminPassword: pulumi.Output<string>;
  /**
   * PEM bundle that its certificate is verified with; null for a server without TLS, whose passwords anybody on the
   * network path can read.
   */
  readonly caCertificate: string | null;
}

/**
 * A Postgres server that this stack did not create and does not delete: only what the stack creates inside it is
 * deleted.
 * @example
 * new ExistingPostgres("postgres", { host: "db.example.com", adminUsername: "admin", adminPassword, caCertificate });
 */
export class ExistingPostgres extends pulumi.ComponentResource implements Postgres {
  public readonly host: pulumi.Output<string>;
  public readonly port: number;
  public readonly peer: NetworkPeer;
  public readonly caCertificate: pulumi.Output<string> | null;
  public readonly own = false;
  public readonly adminUsername: string;
  public readonly adminPassword: pulumi.Output<string>;
  public readonly target: pulumi.Output<PostgresTarget>;
  public readonly provider: postgresql.Provider;

  public constructor(name: string, args: ExistingPostgresArgs, opts?: pulumi.ComponentResourceOptions) {
    super("vaultstack:postgres:ExistingPostgres", name, {}, componentOptions(opts));
    const { host, port = 5432, adminUsername, caCertificate } = args;
    this.host = pulumi.output(host);
    this.port = port;
    this.peer = { kind: "host", port };
    this.caCertificate = caCertificate === null ? null : pulumi.output(caCertificate);
    this.adminUsername = adminUsername;
    this.adminPassword = pulumi.secret(args.adminPassword);
    const tls = caCertificate === null ? null : { serverName: host, caCertificate };
    this.target = pulumi.output({ kind: "address" as const, host, port, tls });
    this.provider = new postgresql.Provider(
      name,
      {
        host,
        port,
        username: adminUsername,
        password: this.adminPassword,
        database: "postgres",
        sslmode: caCertificate === null ? "disable" : "verify-full",
        ...(this.caCertificate !== null && { sslrootcert: certificateFile(name, this.caCertificate) }),
        // Not known for somebody else's server; with false, nothing that only a superuser can see is read.
        superuser: false,
        connectTimeout: 30,
      },
      childOptions(this, opts),
    );
    this.registerOutputs({ host: this.host });
  }
}
