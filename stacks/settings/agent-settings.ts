import { z } from "zod";
import { secretIdFaults } from "../../components/access/logins/app-role-faults.ts";
import type { SecretIdArgs } from "../../components/access/logins/app-role-auth.ts";
import {
  databaseRoleName,
  networks,
  labelName,
  secretNames,
  serviceAccountName,
  tokenFaults,
  tokenSetting,
  type TokenTerms,
  tokenTerms,
} from "./access-settings.ts";
import type { Granted } from "../logins/granted-rules.ts";
import { duration } from "./setting-rules.ts";

const uses = { error: "must be a whole number from 1 on; use 1 for one start" };

/** Schema of the setting `agents`. */
export const agentsSetting = z.record(
  labelName("agent"),
  z.strictObject(
    {
      issuer: z.strictObject(
        { namespace: labelName("namespace"), serviceAccount: serviceAccountName() },
        { error: "must be {namespace, serviceAccount}; name the account that hands out the agent's secret ids" },
      ),
      secrets: secretNames(),
      database: databaseRoleName(),
      secretId: z
        .strictObject({
          uses: z.int(uses).min(1, uses).default(1),
          ttl: duration().default("10m"),
          wrapTtl: duration().default("60s"),
          boundCidrs: networks(),
        })
        .prefault({}),
      token: tokenSetting(),
    },
    { error: "must be an agent; see its description in Pulumi.yaml" },
  ),
  { error: "must be agents by name; see its description in Pulumi.yaml" },
);

/** Agents by name, what each may use, and who hands out their secret ids. */
export type AgentsConfig = Readonly<Record<string, AgentConfig>>;

/** One agent in the terms of the components; what it is granted comes beyond its own folder. */
export interface AgentConfig extends Granted, TokenTerms {
  /** Service account that hands out the agent's secret ids. */
  readonly issuer: { readonly namespace: string; readonly serviceAccount: string };
  readonly secretId: SecretIdArgs;
}

/**
 * Puts the setting into the terms of the components.
 * @param setting The setting, parsed.
 * @returns The agents.
 */
export function agentsConfig(setting: z.infer<typeof agentsSetting>): AgentsConfig {
  const agents = Object.entries(setting).map(([name, { token, ...agent }]): [string, AgentConfig] => {
    return [name, { ...agent, ...tokenTerms(token) }];
  });
  return Object.fromEntries(agents);
}

/**
 * Every fault of the setting that its schema does not know.
 * @param setting The setting, parsed.
 * @returns The faults, without the name of the setting.
 */
export function agentFaults(setting: z.infer<typeof agentsSetting>): string[] {
  return Object.entries(agentsConfig(setting)).flatMap(([name, agent]) => [
    ...secretIdFaults(`${name}.secretId`, agent.secretId),
    ...tokenFaults(`${name}.token`, agent),
  ]);
}
