import type * as pulumi from "@pulumi/pulumi";
import type { KubernetesAuth, KubernetesRoleArgs } from "../../components/access/logins/kubernetes-auth.ts";
import { Policy } from "../../components/access/policy.ts";
import type { ConsumersConfig } from "../settings/consumers.ts";
import { grantedRules, type GrantedFrom } from "./granted-rules.ts";
import type { PendingOutputs } from "../outputs.ts";

/** What the logins of other teams are made from. */
export interface ConsumerLoginsArgs extends GrantedFrom {
  readonly consumers: ConsumersConfig;
  /** Login method of workloads. */
  readonly auth: KubernetesAuth;
  /** The former one, for those still logging in there who have not read the outputs since; null for none. */
  readonly formerAuth: KubernetesAuth | null;
}

const audience = "vault";

/**
 * Lets workloads of other teams in: a role for each, whose policy follows from what it reads. Its service account
 * belongs to the other team, and need not exist yet.
 * @param args The workloads, and what there is to read.
 * @returns The outputs by which they find their login.
 */
export function consumerLogins(
  { consumers, auth, formerAuth, ...from }: ConsumerLoginsArgs,
  opts: pulumi.ComponentResourceOptions,
): Pick<PendingOutputs, Extract<keyof PendingOutputs, `consumer${string}`>> {
  const roleNames = Object.entries(consumers).map(([name, { namespace, serviceAccount, ...granted }]) => {
    const roleName = `consumer-${name}`;
    const policy = new Policy(roleName, { rules: grantedRules(granted, from) }, opts);
    const role: KubernetesRoleArgs = {
      serviceAccounts: [{ metadata: { name: serviceAccount, namespace } }],
      audience,
      policies: [policy],
      lifetime: { kind: "ttl", ttl: "1h", maxTtl: "24h" },
    };
    formerAuth?.addRole(roleName, role);
    return auth.addRole(roleName, role).roleName;
  });
  return {
    consumerAuthPath: auth.path,
    consumerAudience: audience,
    consumerRoles: roleNames,
  };
}
