import * as pulumi from "@pulumi/pulumi";
import * as vault from "@pulumi/vault";
import { childOptions, componentOptions } from "../shared/child-options.ts";
import { reservedNameFaults } from "../shared/reserved-names.ts";
import { fault, rejectFaults } from "../../shared/errors.ts";
import { recordAccess, vaultOf } from "./matrix/access-ledger.ts";
import { accessTypes } from "./matrix/access-types.ts";
import { policyFaults, renderPolicy, type Capability, type Wrapping } from "./policy-document.ts";

/** One rule of a policy, with the path taken from the mount it protects. */
export interface PolicyRuleArgs {
  /** API path, such as `kv.secret("app").dataPath`. */
  readonly path: pulumi.Input<string>;
  /** What may be done with it. */
  readonly capabilities: readonly Capability[];
  /** How answers must be wrapped. @default - as the client likes, or not at all */
  readonly wrapping?: Wrapping;
  /** Why the rule is as wide as it is, in one line. @default - none; wildcards, `sudo` and `deny` need one */
  readonly because?: string;
}

/** What a policy allows. */
export interface PolicyArgs {
  /** Name inside Vault. @default - the component's name */
  readonly policyName?: string;
  /** The rules, in any order. */
  readonly rules: pulumi.Input<readonly PolicyRuleArgs[]>;
}

/**
 * What tokens may do, as typed rules. Roles take the component itself, so a role is never created before its policy.
 * @example
 * new Policy(
 *   "webapp",
 *   { rules: [{ path: kv.secret("webapp/config").dataPath, capabilities: ["read"] }] },
 *   insideVault,
 * );
 */
export class Policy extends pulumi.ComponentResource {
  /** Name inside Vault; resolves once the policy is written. */
  public readonly policyName: pulumi.Output<string>;

  public constructor(name: string, args: PolicyArgs, opts?: pulumi.ComponentResourceOptions) {
    super("vaultstack:access:Policy", name, {}, componentOptions(opts));
    const policyName = args.policyName ?? name;
    rejectFaults(this, [
      ...policyNameFaults(policyName),
      ...reservedNameFaults(this, "policy", policyName, "policyName"),
    ]);

    const document = pulumi.output(args.rules).apply((rules) => {
      rejectFaults(this, policyFaults(rules));
      return renderPolicy(rules);
    });
    const inputs = { name: policyName, policy: document };
    const policy = new vault.Policy(name, inputs, childOptions(this, opts));
    recordAccess(vaultOf(this), accessTypes.policy, inputs);

    this.policyName = policy.name;
    this.registerOutputs({ policyName: this.policyName });
  }
}

/** Every fault of a policy's name. */
export function policyNameFaults(policyName: string): string[] {
  if (["root", "default"].includes(policyName)) {
    return [fault("policyName", "must not be one of Vault's own policies", policyName, "choose another name")];
  }
  // Vault stores names in lower case and reads "Web" and "web" as one policy.
  if (/^[a-z0-9]([a-z0-9._-]{0,126}[a-z0-9])?$/.test(policyName)) return [];
  return [fault("policyName", "must be lower-case letters, digits, dots and dashes", policyName, "rename the policy")];
}
