import * as pulumi from "@pulumi/pulumi";
import { type ArgsOf, ProtocolResource } from "../../shared/protocol-resource.ts";
import type { AdminAccessInputs, AdminAccessOutputs } from "../../../protocol/types.ts";

/** What the making of Pulumi's own login needs to know. */
export type AdminAccessArgs = ArgsOf<AdminAccessInputs>;

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
        inputs: args,
        outputs: [...logins, "policyName"],
        secrets: ["escrowPrivateKey", "escrowPreviousPrivateKey", "encodedRootToken", ...logins],
      },
      opts,
    );
  }
}
