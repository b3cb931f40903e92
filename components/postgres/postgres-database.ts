import * as postgresql from "@pulumi/postgresql";
import * as pulumi from "@pulumi/pulumi";
import { adopting, childOptions, componentOptions } from "../shared/child-options.ts";
import { rejectFaults } from "../../shared/errors.ts";
import { postgresNameFaults } from "./postgres-name.ts";
import type { Postgres } from "./postgres.ts";
import { RemainsRole } from "./remains-role.ts";

/** A database and its owner. */
export interface PostgresDatabaseArgs {
  /** The server to make it in. */
  readonly server: Postgres;
  /** Name of the database. @default - the component's name */
  readonly databaseName?: string;
  /** Name of the role that owns it and its contents; nobody logs in as it. @default "<database>_owner" */
  readonly owner?: string;
  /**
   * Name of the role that gets what ended logins leave behind; it may do nothing, and has no members.
   * @default "<database>_remains"
   */
  readonly remains?: string;
  /**
   * Whether a database and roles that exist already are taken over; they must exist then.
   * @default false: refused
   */
  readonly adopt?: boolean;
}

/**
 * A database in a Postgres server, with an owner that nobody logs in as. Whoever creates tables acts as the owner, so
 * that everything in the database belongs to one role, no matter who created it.
 * @example
 * new PostgresDatabase("app", { server }, { deletedWith: postgresNamespace });
 */
export class PostgresDatabase extends pulumi.ComponentResource {
  /** The server it is in. */
  public readonly server: Postgres;
  /** What it is deleted with; undefined for a database that is deleted individually. */
  public readonly deletedWith: pulumi.Resource | undefined;
  /** Name of the database; resolves once it exists. */
  public readonly databaseName: pulumi.Output<string>;
  /** Name of the role that owns it. */
  public readonly owner: pulumi.Output<string>;
  /** Name of the role that gets what ended logins leave behind. */
  public readonly remains: pulumi.Output<string>;

  public constructor(name: string, args: PostgresDatabaseArgs, opts?: pulumi.ComponentResourceOptions) {
    super("vaultstack:postgres:PostgresDatabase", name, {}, componentOptions(opts));
    const databaseName = args.databaseName ?? name;
    const ownerName = args.owner ?? `${databaseName}_owner`;
    const remainsName = args.remains ?? `${databaseName}_remains`;
    rejectFaults(this, [
      ...postgresNameFaults("databaseName", databaseName),
      ...postgresNameFaults("owner", ownerName),
      ...postgresNameFaults("remains", remainsName),
    ]);
    const child = pulumi.mergeOptions(childOptions(this, opts), { provider: args.server.provider });

    const owner = new postgresql.Role(
      `${name}-owner`,
      { name: ownerName, login: false },
      adopting(child, args.adopt, ownerName),
    );
    const remains = new RemainsRole(
      `${name}-remains`,
      { server: args.server, remains: remainsName },
      // The provider depends on what the server needs before it answers.
      pulumi.mergeOptions(childOptions(this, opts), { dependsOn: [args.server.provider] }),
    );
    // What the role owns is deleted with the database, so the role must be deleted after the database.
    const database = new postgresql.Database(
      name,
      { name: databaseName, owner: owner.name },
      pulumi.mergeOptions(adopting(child, args.adopt, databaseName), { dependsOn: [remains] }),
    );

    this.server = args.server;
    this.deletedWith = child.deletedWith;
    this.databaseName = database.name;
    this.owner = owner.name;
    this.remains = remains.remains;
    this.registerOutputs({ databaseName: this.databaseName });
  }
}
