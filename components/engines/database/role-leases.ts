import * as pulumi from "@pulumi/pulumi";
import { ProtocolResource } from "../../shared/protocol-resource.ts";
import type { VaultSession } from "../../vault/bootstrap/vault-session.ts";

/** The role whose leases are proven and drained. */
export interface RoleLeasesArgs {
  /** How Vault is reached. */
  readonly session: VaultSession;
  /** Path of the database engine. */
  readonly mount: pulumi.Input<string>;
  /** Name of the dynamic role; resolves once it is written. */
  readonly role: pulumi.Input<string>;
  /** Changes with what the role does. */
  readonly roleFingerprint: pulumi.Input<string>;
  /** From `DatabaseLogin`; empty for a connection without one. */
  readonly loginGeneration: pulumi.Input<string>;
}

/**
 * The leases of a dynamic role, between the role and those who use it: proven before the first is issued, and revoked
 * before role, connection and mount are deleted, after which they could no longer be revoked.
 *
 * create and update → issue one login and revoke it; delete → revoke all, or, if the database does not answer, forget
 * them and list what may be left; diff and read → nothing is asked.
 * @example new RoleLeases("database-app-leases", { session, mount, role: role.name, … }, { parent: this });
 */
export class RoleLeases extends ProtocolResource {
  /** Path of the engine; resolves once the role is proven. */
  declare public readonly mount: pulumi.Output<string>;
  /** Name of the role; resolves once it is proven. */
  declare public readonly role: pulumi.Output<string>;

  public constructor(name: string, args: RoleLeasesArgs, opts?: pulumi.CustomResourceOptions) {
    const { session, ...plain } = args;
    super(
      name,
      {
        type: "vault:RoleLeases",
        inputs: {
          ...plain,
          target: session.target,
          credential: pulumi.secret(session.credential),
        },
        outputs: ["unrevokedLeases"],
        secrets: ["credential"],
      },
      opts,
    );
  }
}
