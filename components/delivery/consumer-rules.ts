import * as pulumi from "@pulumi/pulumi";
import type { Capability, PolicyRule } from "../access/policy-document.ts";
import type { PolicyRuleArgs } from "../access/policy.ts";
import { readSecret } from "../engines/kv/kv-rules.ts";
import type { DynamicSecretSettings } from "./custom-resources/dynamic-secret.ts";
import type { PkiSecretSettings } from "./custom-resources/pki-secret.ts";
import type { StaticSecretSettings } from "./custom-resources/static-secret.ts";

/** One secret that is delivered to a workload. */
export type DeliveredSecret =
  | ({ readonly kind: "static" } & StaticSecretSettings)
  | ({ readonly kind: "dynamic" } & DynamicSecretSettings)
  | ({ readonly kind: "certificate" } & PkiSecretSettings);

/**
 * Exactly what a login must be allowed for its secrets to be delivered. Renewing leases and its own token is covered by
 * Vault's default policy.
 * @returns One rule for each path, since several secrets may need the same.
 */
export function consumerRules(secrets: readonly DeliveredSecret[]): pulumi.Output<PolicyRule[]> {
  return pulumi.output(secrets.flatMap(rulesOf)).apply(mergedRules);
}

/** Vault would heed only the last of several rules for one path. */
function mergedRules(rules: readonly PolicyRule[]): PolicyRule[] {
  const merged = new Map<string, Set<Capability>>();
  for (const { path, capabilities } of rules) merged.set(path, new Set([...(merged.get(path) ?? []), ...capabilities]));
  return Array.from(merged, ([path, capabilities]) => ({ path, capabilities: [...capabilities] }));
}

const revokeLease: PolicyRuleArgs = { path: "sys/leases/revoke", capabilities: ["update"] };

function rulesOf(secret: DeliveredSecret): PolicyRuleArgs[] {
  switch (secret.kind) {
    case "static":
      return readSecret(secret.source);
    case "dynamic": {
      const { source, revoke = source.lifetime?.kind !== "rotation" } = secret;
      // Anybody with a lease's id can revoke it, whoever holds it; but this rule lets nobody list the ids.
      return [...source.rules, ...(revoke ? [revokeLease] : [])];
    }
    case "certificate": {
      const { source, revoke = true } = secret;
      const issue = {
        path: pulumi.interpolate`${source.mount}/issue/${source.role}`,
        capabilities: ["update"],
      } as const;
      return [
        issue,
        ...(revoke ? [{ path: pulumi.interpolate`${source.mount}/revoke`, capabilities: ["update"] } as const] : []),
      ];
    }
  }
}
