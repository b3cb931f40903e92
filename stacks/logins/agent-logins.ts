import type * as pulumi from "@pulumi/pulumi";
import { AppRoleAuth, type AppRoleArgs } from "../../components/access/logins/app-role-auth.ts";
import type { KubernetesAuth, KubernetesRoleArgs } from "../../components/access/logins/kubernetes-auth.ts";
import { Policy } from "../../components/access/policy.ts";
import { readFolder } from "../../components/engines/kv/kv-rules.ts";
import type { AgentConfig, AgentsConfig } from "../settings/agents.ts";
import { grantedRules, type GrantedFrom } from "./granted-rules.ts";
import type { PendingOutputs } from "../outputs.ts";

/** What the logins of agents are made from. */
export interface AgentLoginsArgs extends GrantedFrom {
  readonly agents: AgentsConfig;
  /** Login method of those who hand out secret ids. */
  readonly issuerAuth: KubernetesAuth;
  /** The former one, for those still logging in there who have not read the outputs since; null for none. */
  readonly formerAuth: KubernetesAuth | null;
  /** Whether a mount that exists already is taken over. */
  readonly adopt: boolean;
}

/**
 * Lets agents in, each under an AppRole of its own: its policy follows from what it uses. A service account of whoever
 * starts the agent may fetch wrapped secret ids for it and do nothing else. The accounts need not exist yet.
 * @param args The agents, and what there is to use.
 * @returns The outputs by which agents find their login.
 */
export function agentLogins(
  args: AgentLoginsArgs,
  opts: pulumi.ComponentResourceOptions,
): Pick<PendingOutputs, Extract<keyof PendingOutputs, `agent${string}`>> {
  const { agents, issuerAuth, formerAuth, adopt } = args;
  if (Object.keys(agents).length === 0) return { agentAuthPath: "", agentRoles: [], agentRoleIds: [] };

  const roles = Object.entries(agents).map(([name, agent]) => [name, agentRole(name, agent, args, opts)] as const);
  const auth = new AppRoleAuth("agents", { path: "agents", adopt, roles: Object.fromEntries(roles) }, opts);
  const logins = Object.values(auth.logins);
  for (const [name, { issuer }] of Object.entries(agents)) {
    const roleName = `secret-id-issuer-${name}`;
    const rules = auth.logins[name]?.issuerRules ?? [];
    const role: KubernetesRoleArgs = {
      serviceAccounts: [{ metadata: { name: issuer.serviceAccount, namespace: issuer.namespace } }],
      audience: "vault",
      policies: [new Policy(roleName, { rules }, opts)],
      // The issuer logs in for each secret id, and has no use for the token afterwards.
      lifetime: { kind: "ttl", ttl: "5m", maxTtl: "5m" },
    };
    issuerAuth.addRole(roleName, role);
    formerAuth?.addRole(roleName, role);
  }
  return {
    agentAuthPath: auth.path,
    agentRoles: logins.map(({ roleName }) => roleName),
    agentRoleIds: logins.map(({ roleId }) => roleId),
  };
}

function agentRole(
  name: string,
  { secretId, lifetime, tokenBoundCidrs, ...granted }: AgentConfig,
  from: GrantedFrom,
  opts: pulumi.ComponentResourceOptions,
): AppRoleArgs {
  const rules = [
    ...readFolder({ kv: from.kv, folder: `agents/${name}`, because: "an agent's own folder" }),
    ...grantedRules(granted, from),
  ];
  return { policies: [new Policy(`agent-${name}`, { rules }, opts)], lifetime, secretId, tokenBoundCidrs };
}
