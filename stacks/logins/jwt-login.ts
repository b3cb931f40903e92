import * as pulumi from "@pulumi/pulumi";
import { JwtAuth } from "../../components/access/logins/jwt-auth.ts";
import type { JwtRoleArgs } from "../../components/access/logins/jwt-role.ts";
import { Policy } from "../../components/access/policy.ts";
import { grantedRules, type GrantedFrom } from "./granted-rules.ts";
import type { JwtLoginConfig } from "../settings/jwt.ts";
import type { PendingOutputs } from "../outputs.ts";

/** What the logins with tokens of an issuer are made from. */
export interface JwtLoginArgs extends GrantedFrom {
  /** The issuer and the roles; null for none. */
  readonly login: JwtLoginConfig | null;
  /** Whether a mount that exists already is taken over. */
  readonly adopt: boolean;
  /** What must be there before Vault can ask the issuer for its keys. */
  readonly reachable: readonly pulumi.Resource[];
}

/**
 * Lets in whoever presents a token of the issuer that fits a role; the policy of the role follows from what it may
 * read.
 * @param args The issuer, and what there is to read.
 * @returns The outputs by which jobs find their login.
 */
export function jwtLogin(
  { login, adopt, reachable, ...from }: JwtLoginArgs,
  opts: pulumi.ComponentResourceOptions,
): Pick<PendingOutputs, Extract<keyof PendingOutputs, `jwt${string}`>> {
  if (login === null) return { jwtAuthPath: "", jwtRoles: [] };
  const { issuer, algorithms } = login;
  const roles = Object.entries(login.roles).map(([name, { terms, ...granted }]): [string, JwtRoleArgs] => {
    const policy = new Policy(`jwt-${name}`, { rules: grantedRules(granted, from) }, opts);
    return [name, { ...terms, policies: [policy] }];
  });
  const auth = new JwtAuth(
    "jwt",
    { adopt, issuer, algorithms, roles: Object.fromEntries(roles) },
    pulumi.mergeOptions(opts, { dependsOn: [...reachable] }),
  );
  return { jwtAuthPath: auth.path, jwtRoles: Object.values(auth.roleNames) };
}
