import * as pulumi from "@pulumi/pulumi";
import { Policy } from "../../access/policy.ts";
import { childOptions, componentOptions } from "../../shared/child-options.ts";
import { claimedNames } from "../../shared/claims.ts";
import { previewMountRules } from "../../../protocol/admin-access/admin-policy.ts";
import { PREVIEW_MOUNTS_POLICY_NAME } from "../../../protocol/types.ts";
import { pulumiAuthPath } from "./vault-bootstrap.ts";

/**
 * What the login for previews may look at in the mounts that the program declares, and in no other: declare it after them.
 * @example new PreviewAccess("preview-access", insideVault);
 */
export class PreviewAccess extends pulumi.ComponentResource {
  public constructor(name: string, opts?: pulumi.ComponentResourceOptions) {
    super("vaultstack:vault:PreviewAccess", name, {}, componentOptions(opts));
    const engines = claimedNames(this, "secrets mount");
    const logins = [...claimedNames(this, "auth mount"), pulumiAuthPath];
    const rules = previewMountRules({ engines, logins }).map((rule) => ({
      ...rule,
      because: "previews and refreshes read how the mounts of the program are set up",
    }));
    new Policy(name, { policyName: PREVIEW_MOUNTS_POLICY_NAME, rules }, childOptions(this, opts));
    this.registerOutputs();
  }
}
