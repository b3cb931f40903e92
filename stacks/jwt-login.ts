import * as pulumi from "@pulumi/pulumi";
import { JwtAuth } from "../components/access/jwt-auth.ts";
import type { JwtRoleArgs } from "../components/access/jwt-role.ts";
import { Policy } from "../components/access/policy.ts";
import type { DatabaseRole } from "../components/engines/database.ts";
import type { KvEngine } from "../components/engines/kv.ts";
import { readSecret } from "../components/engines/kv-rules.ts";
import type { JwtLoginConfig } from "./jwt-settings.ts";
import type { PendingOutputs } from "./outputs.ts";

/** What the logins with tokens of an issuer are made of. */
export interface JwtLoginArgs {
  /** The issuer and the roles; null for none. */
  readonly login: JwtLoginConfig | null;
  readonly kv: KvEngine;
  /** Roles of the database engine. */
  readonly engine: { readonly role: (name: "dev-postgres" | "myapp-db-role") => DatabaseRole };
  /** Whether a mount that exists already is taken over. */
  readonly adopt: boolean;
  /** What must be there before Vault can ask the issuer for its keys. */
  readonly reachable: readonly pulumi.Resource[];
}

/**
 * Lets in whoever shows a token of the issuer that fits a role, whose policy follows from what the role reads.
 * @param args The issuer, and what there is to read.
 * @param opts Options of everything inside Vault.
 * @returns The outputs by which jobs find their login.
 */
export function jwtLogin(
  { login, kv, engine, adopt, reachable }: JwtLoginArgs,
  opts: pulumi.ComponentResourceOptions,
): Pick<PendingOutputs, Extract<keyof PendingOutputs, `jwt${string}`>> {
  if (login === null) return { jwtAuthPath: "", jwtRoles: [] };
  const { issuer, algorithms } = login;
  const roles = Object.entries(login.roles).map(([name, { terms, secrets, database }]): [string, JwtRoleArgs] => {
    const rules = [
      ...secrets.flatMap((secret) => readSecret(kv.secret(secret))),
      ...(database === "none" ? [] : engine.role(database).rules),
    ];
    return [name, { ...terms, policies: [new Policy(`jwt-${name}`, { rules }, opts)] }];
  });
  const auth = new JwtAuth(
    "jwt",
    { adopt, issuer, algorithms, roles: Object.fromEntries(roles) },
    pulumi.mergeOptions(opts, { dependsOn: [...reachable] }),
  );
  return { jwtAuthPath: auth.path, jwtRoles: Object.values(auth.roleNames) };
}
