import type { PolicyRuleArgs } from "../../components/access/policy.ts";
import type { DatabaseRole } from "../../components/engines/database/database.ts";
import type { KvEngine } from "../../components/engines/kv/kv.ts";
import { readSecret } from "../../components/engines/kv/kv-rules.ts";

/**
 * What the settings grant to a login: secrets of the stack's store by name, and logins of a role of its database.
 */
export interface Granted {
  readonly secrets: readonly string[];
  readonly database: "none" | "dev-postgres" | "myapp-db-role";
}

/** Where the granted secrets and logins are. */
export interface GrantedFrom {
  readonly kv: KvEngine;
  /** Roles of the database engine. */
  readonly engine: { readonly role: (name: "dev-postgres" | "myapp-db-role") => DatabaseRole };
}

/**
 * Exactly what a policy must allow for a grant.
 * @returns Rules for a policy.
 */
export function grantedRules({ secrets, database }: Granted, { kv, engine }: GrantedFrom): PolicyRuleArgs[] {
  return [
    ...secrets.flatMap((secret) => readSecret(kv.secret(secret))),
    ...(database === "none" ? [] : engine.role(database).rules),
  ];
}
