import * as pulumi from "@pulumi/pulumi";
import type { PostgresTarget } from "../../../protocol/database/postgres-target.ts";
import { ProtocolResource } from "../../shared/protocol-resource.ts";
import type { VaultSession } from "../../vault/bootstrap/vault-session.ts";

/** The login whose password only Vault shall know. */
export interface DatabaseLoginArgs {
  /** How Vault is reached. */
  readonly session: VaultSession;
  /** Path of the database engine. */
  readonly mount: pulumi.Input<string>;
  /** Name of the connection; resolves once it exists. */
  readonly connection: pulumi.Input<string>;
  /** How to reach the server. */
  readonly postgres: pulumi.Input<PostgresTarget>;
  /** Login that may set passwords on the server. */
  readonly adminUsername: string;
  /** Its password; secret. */
  readonly adminPassword: pulumi.Output<string>;
  /** The login of Vault; resolves once it exists. */
  readonly username: pulumi.Input<string>;
}

/**
 * The login of a database connection, with a password that only Vault knows: it is set, rotated by Vault at once, and
 * never kept in the state. A recreated connection or a password changed by hand shows as an update, and `up` repairs
 * it.
 *
 * create and update → let Vault rotate the password, after setting one when Vault's does not work; diff → look whether
 * it is in force; read and delete → nothing.
 * @example
 * new DatabaseLogin(
 *   "database-login",
 *   { session, mount: mount.path, connection: connection.name, … },
 *   { parent: this },
 * );
 */
export class DatabaseLogin extends ProtocolResource {
  /** A new value means a new password; resolves once Vault can log in. */
  declare public readonly generation: pulumi.Output<string>;
  /** Name of the login; resolves once Vault can log in. */
  declare public readonly username: pulumi.Output<string>;

  public constructor(name: string, args: DatabaseLoginArgs, opts?: pulumi.CustomResourceOptions) {
    const { session, adminPassword, ...plain } = args;
    super(
      name,
      {
        type: "vault:DatabaseLogin",
        inputs: {
          ...plain,
          target: session.target,
          credential: pulumi.secret(session.credential),
          adminPassword: pulumi.secret(adminPassword),
        },
        outputs: ["generation", "passwordFingerprint"],
        secrets: ["credential", "adminPassword"],
      },
      opts,
    );
  }
}
