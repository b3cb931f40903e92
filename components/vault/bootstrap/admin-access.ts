import * as pulumi from "@pulumi/pulumi";
import { ProtocolResource } from "../../shared/protocol-resource.ts";
import {
  PROTOCOL_VERSION,
  type AdminAccessInputs,
  type AdminAccessOutputs,
  type VaultTarget,
} from "../../../protocol/types.ts";

/** What the making of Pulumi's own login needs to know. */
export interface AdminAccessArgs {
  /** The pods of the Vault. */
  readonly target: pulumi.Input<VaultTarget>;
  /** Name of the Secret that keeps the encrypted root token until this has used it. */
  readonly keysSecret: string;
  /** From `VaultUnseal`: another cluster means another login. */
  readonly clusterId: pulumi.Input<string>;
  /** Armored PGP private key; secret. */
  readonly escrowPrivateKey: pulumi.Output<string>;
  /** The one before it, while shares are still encrypted to that; secret. */
  readonly escrowPreviousPrivateKey?: pulumi.Output<string>;
  /** A root token that holders of shares generated for this stack, encrypted to its escrow key: rebuilds a lost login. */
  readonly encodedRootToken?: pulumi.Output<string>;
  /** Where the AppRole method is mounted, without `auth/`. */
  readonly authPath: string;
  /** Lifetime of one login in seconds; longer than the longest run. */
  readonly tokenTtl: number;
}

/**
 * Pulumi's own login, and one that may only read, for previews: a policy and an AppRole each. With them made, the root token is revoked and its encrypted copy removed.
 *
 * create → by the root token, or by one generated from the shares when it is gone; update → by its own login;
 * diff and read → survey the nodes, change nothing; delete → removes the roles.
 * @example new AdminAccess("vault-admin", { target, clusterId: unseal.clusterId, ...keys }, { parent: this });
 */
export class AdminAccess extends ProtocolResource<AdminAccessInputs, AdminAccessOutputs> {
  /** First half of the login; secret. */
  declare public readonly roleId: pulumi.Output<string>;
  /** Second half of the login; secret. */
  declare public readonly secretId: pulumi.Output<string>;
  /** Where the AppRole method is mounted, without `auth/`; resolves once the login works. */
  declare public readonly authPath: pulumi.Output<string>;
  /** First half of the login for previews, which may only read; secret. */
  declare public readonly previewRoleId: pulumi.Output<string>;
  /** Second half; secret. */
  declare public readonly previewSecretId: pulumi.Output<string>;
  /** Name of the policy the login carries. */
  declare public readonly policyName: pulumi.Output<string>;

  public constructor(name: string, args: AdminAccessArgs, opts?: pulumi.CustomResourceOptions) {
    const logins = ["roleId", "secretId", "previewRoleId", "previewSecretId"];
    super(
      name,
      {
        type: "vault:AdminAccess",
        inputs: { ...args, protocolVersion: PROTOCOL_VERSION.adminAccess },
        outputs: [...logins, "policyName"],
        secrets: ["escrowPrivateKey", "escrowPreviousPrivateKey", "encodedRootToken", ...logins],
      },
      opts,
    );
  }
}
