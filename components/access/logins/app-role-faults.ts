import { cidrFaults } from "../../../shared/cidr.ts";
import { fault } from "../../../shared/errors.ts";
import { ceilingFaults } from "../../../shared/lease-ceiling.ts";
import { durationFaults, toSeconds } from "../../../shared/units.ts";
import type { AppRoleArgs, AppRoleAuthArgs, SecretIdArgs } from "./app-role-auth.ts";
import { authPathFaults } from "./auth-path.ts";
import { lifetimeFaults } from "./token-lifetime.ts";

/** Every fault of a login method's arguments. */
export function appRoleAuthFaults(args: AppRoleAuthArgs<string>): string[] {
  return [
    ...authPathFaults(args.path ?? "approle"),
    ...Object.entries(args.roles).flatMap(([name, role]) => [
      ...roleNameFaults(`roles.${name}`, name),
      ...roleFaults(`roles.${name}`, role),
    ]),
  ];
}

/** Vault stores names of AppRoles in lower case. */
function roleNameFaults(at: string, name: string): string[] {
  if (/^[a-z0-9_]([a-z0-9._-]*[a-z0-9_])?$/.test(name)) return [];
  return [fault(at, "must be lower-case letters, digits, dots and dashes", name, "rename the role")];
}

function roleFaults(at: string, { policies, lifetime, secretId, tokenBoundCidrs = [] }: AppRoleArgs): string[] {
  const none = fault(`${at}.policies`, "must hold at least one", [], "a token without a policy can do nothing");
  return [
    ...(policies.length === 0 ? [none] : []),
    ...lifetimeFaults(`${at}.lifetime`, lifetime),
    ...secretIdFaults(`${at}.secretId`, secretId),
    ...cidrFaults(`${at}.tokenBoundCidrs`, tokenBoundCidrs),
  ];
}

/** Every fault of the terms of secret ids. */
export function secretIdFaults(
  at: string,
  { uses = 1, ttl, wrapTtl = "60s", boundCidrs = [] }: SecretIdArgs,
): string[] {
  const faults = [...durationFaults(`${at}.ttl`, ttl), ...durationFaults(`${at}.wrapTtl`, wrapTtl)];
  if (faults.length === 0 && toSeconds(wrapTtl) > toSeconds(ttl)) {
    const remedy = "lower it or raise the ttl";
    faults.push(fault(`${at}.wrapTtl`, `must be at most the secret id's ttl of ${ttl}`, wrapTtl, remedy));
  }
  if (!Number.isSafeInteger(uses) || uses < 1) {
    faults.push(fault(`${at}.uses`, "must be a whole number from 1 on", uses, "use 1 for one start"));
  }
  return [...faults, ...ceilingFaults(`${at}.ttl`, ttl, undefined), ...cidrFaults(`${at}.boundCidrs`, boundCidrs)];
}
