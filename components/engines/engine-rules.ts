import { type AdminRule, manage } from "../shared/mount-kind.ts";

/** Everything an engine keeps below `config/`. */
export const configRules: Readonly<Record<string, AdminRule>> = {
  "sys/config/*": {
    capabilities: ["deny"],
    because: "Vault's own configuration is no engine's, though the next rule would match it",
    preview: [],
  },
  "+/config/*": { capabilities: manage, because: "connections of a database engine, addresses of a PKI engine" },
};

/** Roles of an engine. */
export const roleRules: Readonly<Record<string, AdminRule>> = {
  "+/roles/*": { capabilities: manage, because: "dynamic roles of a database engine, roles of a PKI engine" },
};
