import type { Provider, ResourceType } from "../shared/provider.ts";
import { database } from "./resources/database.ts";
import { grantRole } from "./resources/grant-role.ts";
import { role } from "./resources/role.ts";
import { Server } from "./server.ts";
import { settingRules, settingsFrom } from "./settings.ts";

/** Stand-in of the official PostgreSQL provider, over the wire protocol of the database. */
export function postgresqlProvider(): Provider {
  let connected: Server | undefined;
  const server = (): Server => {
    if (connected === undefined) throw new Error("the provider is used before it is configured");
    return connected;
  };
  const types: Readonly<Record<string, ResourceType>> = {
    "postgresql:index/role:Role": role(server),
    "postgresql:index/grantRole:GrantRole": grantRole(server),
    "postgresql:index/database:Database": database(server),
  };
  return {
    name: "postgresql",
    version: "3.18.1",
    config: {
      properties: settingRules,
      configure: (config) => {
        connected = new Server(settingsFrom(config));
      },
    },
    resourceType: (token) => types[token],
  };
}
