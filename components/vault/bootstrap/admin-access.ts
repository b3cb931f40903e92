import * as pulumi from "@pulumi/pulumi";
import { type ArgsOf, ProtocolResource } from "../../shared/protocol-resource.ts";
import type { AdminAccessInputs } from "../../../protocol/admin-access/admin-access-properties.ts";

/** What creating Pulumi's own login needs to know. */
export type AdminAccessArgs = ArgsOf<AdminAccessInputs>;

/**
 * Pulumi's own login, and one for previews that may only read: a policy and an AppRole each. Once they exist, the root
 * token is revoked and its encrypted copy removed.
 *
 * create → with the root token, or with one generated from the shares when that is gone; update → with its own login;
 * diff and read → survey the nodes, change nothing; delete → remove the roles.
 * @example new AdminAccess("vault-admin", { target, clusterId: unseal.clusterId, ...keys }, { parent: this });
 */
export class AdminAccess extends ProtocolResource {
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
        inputs: args,
        outputs: [...logins, "policyName"],
        secrets: ["escrowPrivateKey", "escrowPreviousPrivateKey", "encodedRootToken", ...logins],
      },
      opts,
    );
  }
}
