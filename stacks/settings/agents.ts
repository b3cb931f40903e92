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
} from "./login-rules.ts";
import type { Granted } from "../logins/granted-rules.ts";
import { duration } from "./setting-rules.ts";
import { type Parsed, project, setting } from "./setting.ts";

const uses = { error: "must be a whole number from 1 on; use 1 for one start" };

const agentsSetting = z.record(
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
    { error: "must be an agent; see docs/settings.md" },
  ),
  { error: "must be agents by name; see docs/settings.md" },
);

/** Agents of other platforms, which log in by AppRole. */
export const agentSettings = {
  agents: setting(agentsSetting, {
    default: {},
    description:
      "Agents of other platforms by name. Each gets an AppRole of its name below the output agentAuthPath, and may read the secrets below `agents/<name>/` of the mount `secret`, those named in secrets, and logins of a role of the database, none unless given. issuer is the account that may fetch its secret ids, wrapped, by the role `secret-id-issuer-<name>` of the login method in the output consumerAuthPath. A secret id is used and unwrapped from anywhere unless boundCidrs are given, and so is a token. A login of the database ends with the token it was asked for with.",
    examples: [
      {
        builder: {
          issuer: { namespace: "ci", serviceAccount: "launcher" },
          secrets: ["ci/registry"],
          secretId: { uses: 1, ttl: "10m", wrapTtl: "60s" },
          token: { ttl: "10m", maxTtl: "1h", boundCidrs: ["10.1.0.0/16"] },
        },
      },
    ],
  }),
};

/** Agents by name, what each may use, and who hands out its secret ids. */
export type AgentsConfig = Readonly<Record<string, AgentConfig>>;

/** One agent in the form the components take; what it is granted is in addition to its own folder. */
export interface AgentConfig extends Granted, TokenTerms {
  /** Service account that hands out the agent's secret ids. */
  readonly issuer: { readonly namespace: string; readonly serviceAccount: string };
  readonly secretId: SecretIdArgs;
}

/** Converts the setting to the form the components take. */
export function agentsConfig({ agents: chosen }: Parsed<typeof agentSettings>): AgentsConfig {
  const agents = Object.entries(chosen).map(([name, { token, ...agent }]): [string, AgentConfig] => {
    return [name, { ...agent, ...tokenTerms(token) }];
  });
  return Object.fromEntries(agents);
}

/** Every fault of the setting that its schema does not catch. */
export function agentFaults({ agents = {} }: Partial<Parsed<typeof agentSettings>>): string[] {
  const at = `${project}:agents`;
  return Object.entries(agentsConfig({ agents })).flatMap(([name, agent]) => [
    ...secretIdFaults(`${at}.${name}.secretId`, agent.secretId),
    ...tokenFaults(`${at}.${name}.token`, agent),
  ]);
}
