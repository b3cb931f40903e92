import * as pulumi from "@pulumi/pulumi";
import { appRoleKind } from "../../access/logins/app-role-kind.ts";
import { Policy } from "../../access/policy.ts";
import { childOptions, componentOptions } from "../../shared/child-options.ts";
import { claimedMounts } from "../../shared/reserved-names.ts";
import { previewMountRules } from "../../access/admin-policy.ts";
import { previewMountsPolicyName } from "../../../protocol/admin-access/login-names.ts";
import { pulumiAuthPath } from "./vault-bootstrap.ts";

/**
 * Lets the login for previews look at the mounts that the program declares, and at no others; so declare it after them.
 * @example new PreviewAccess("preview-access", insideVault);
 */
export class PreviewAccess extends pulumi.ComponentResource {
  public constructor(name: string, opts?: pulumi.ComponentResourceOptions) {
    super("vaultstack:vault:PreviewAccess", name, {}, componentOptions(opts));
    const mounts = [...claimedMounts(this), { path: pulumiAuthPath, kind: appRoleKind }];
    const rules = previewMountRules(mounts).map((rule) => ({
      ...rule,
      because: "previews and refreshes read how the mounts of the program are set up",
    }));
    new Policy(name, { policyName: previewMountsPolicyName, rules }, childOptions(this, opts));
    this.registerOutputs();
  }
}
