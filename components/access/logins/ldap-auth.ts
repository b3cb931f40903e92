import * as pulumi from "@pulumi/pulumi";
import * as vault from "@pulumi/vault";
import { adoptingAsItIs, childOptions, componentOptions } from "../../shared/child-options.ts";
import { reservedNameFaults } from "../../shared/reserved-names.ts";
import { fault, rejectFaults } from "../../../shared/errors.ts";
import { recordAccess, vaultOf } from "../matrix/access-ledger.ts";
import { ldapKind, ldapTypes } from "./ldap-kind.ts";
import { authPathFaults } from "./auth-path.ts";
import { ldapConfig, ldapDirectoryFaults, type LdapDirectoryArgs } from "./ldap-config.ts";
import type { Policy } from "../policy.ts";
import { lifetimeFaults, lifetimeSeconds, type TokenLifetime } from "./token-lifetime.ts";

/** What the members of a group may do. */
export interface LdapGroupArgs {
  /** Policies of the tokens of its members. */
  readonly policies: readonly Policy[];
}

/** What one person may do beyond the groups that the directory gives. */
export interface LdapUserArgs<Group extends string> {
  /** Groups the person belongs to in Vault, whether or not the directory says so. @default - none */
  readonly groups?: readonly Group[];
  /** Policies of the person's tokens. @default - none */
  readonly policies?: readonly Policy[];
}

/** A login method for people whose accounts are in a directory. */
export interface LdapAuthArgs<Group extends string> {
  /** Mount path, without `auth/`; one segment. Changing it moves the mount. @default "ldap" */
  readonly path?: string;
  /**
   * Whether a mount that exists already is taken over; it must exist then. The run that takes it over leaves its
   * settings as they are, the bind password among them, and the next one writes them.
   * @default false: an existing one is refused
   */
  readonly adopt?: boolean;
  /** Where the accounts are. */
  readonly directory: LdapDirectoryArgs;
  /** Lifetime of every token this method issues. Removal from a group ends the token at its next renewal. */
  readonly lifetime: TokenLifetime;
  /**
   * Groups of the directory by name, regardless of case. Plain, because they decide which children exist.
   */
  readonly groups: Record<Group, LdapGroupArgs>;
  /** People by login name, for exceptions. @default - none */
  readonly users?: Readonly<Record<string, LdapUserArgs<Group>>>;
}

/**
 * Login with the accounts of a directory: the mount with its settings, and what groups and single people may do.
 *
 * The directory decides who is in which group, and is asked at every login. Everybody the search finds can log in;
 * without a group that has policies, the token has only Vault's `default` policy.
 * @example
 * new LdapAuth(
 *   "ldap",
 *   { directory, lifetime: { kind: "ttl", ttl: "1h" }, groups: { developers: { policies: [read] } } },
 *   insideVault,
 * );
 */
export class LdapAuth<Group extends string = string> extends pulumi.ComponentResource {
  /** Mount path, without `auth/`; resolves once people can log in. */
  public readonly path: pulumi.Output<string>;

  public constructor(name: string, args: LdapAuthArgs<Group>, opts?: pulumi.ComponentResourceOptions) {
    super("vaultstack:access:LdapAuth", name, {}, componentOptions(opts));
    const path = args.path ?? "ldap";
    rejectFaults(this, [...ldapAuthFaults(args), ...reservedNameFaults(this, "auth mount", path, "path", ldapKind)]);
    const child = childOptions(this, opts);

    const settings = { ...ldapConfig(args.directory), ...lifetimeSeconds(args.lifetime) };
    const options = adoptingAsItIs(child, args.adopt, path, settings);
    const backend = new vault.ldap.AuthBackend(name, { path, ...settings }, options);
    this.path = backend.path.apply((mounted) => mounted ?? path);
    const inVault = vaultOf(this);
    // Without the rest of the settings, which include a password.
    recordAccess(inVault, ldapTypes.method, { path, ...lifetimeSeconds(args.lifetime) });

    const policyNames = (policies: readonly Policy[]) => policies.map((policy) => policy.policyName);
    for (const [groupname, { policies }] of Object.entries<LdapGroupArgs>(args.groups)) {
      const inputs = { backend: this.path, groupname, policies: policyNames(policies) };
      new vault.ldap.AuthBackendGroup(`${name}-group-${groupname}`, inputs, child);
      recordAccess(inVault, ldapTypes.group, inputs);
    }
    for (const [username, { groups = [], policies = [] }] of Object.entries(args.users ?? {})) {
      const inputs = { backend: this.path, username, groups: [...groups], policies: policyNames(policies) };
      new vault.ldap.AuthBackendUser(`${name}-user-${username}`, inputs, child);
      recordAccess(inVault, ldapTypes.user, inputs);
    }
    this.registerOutputs({ path: this.path });
  }
}

/** Every fault of a login method's arguments. */
export function ldapAuthFaults(args: LdapAuthArgs<string>): string[] {
  const users = args.users ?? {};
  return [
    ...authPathFaults(args.path ?? "ldap"),
    ...ldapDirectoryFaults(args.directory).map((text) => `directory.${text}`),
    ...lifetimeFaults("lifetime", args.lifetime),
    ...ldapNameFaults("groups", Object.keys(args.groups)),
    ...Object.entries(args.groups).flatMap(([name, { policies }]) =>
      policies.length === 0
        ? [fault(`groups.${name}.policies`, "must hold at least one", [], "a group without a policy does nothing")]
        : [],
    ),
    ...ldapNameFaults("users", Object.keys(users)),
    ...Object.entries(users).flatMap(([name, user]) => userFaults(`users.${name}`, user, Object.keys(args.groups))),
  ];
}

/**
 * Every fault of the names of groups or of people. Vault ignores case here, and of two names that differ only in case
 * only the last one would count.
 */
export function ldapNameFaults(at: string, names: readonly string[]): string[] {
  return names.flatMap((name, index) => {
    const faults: string[] = [];
    if (!/^[^\s/,*+"\\]([^/,*+"\\]*[^\s/,*+"\\])?$/.test(name)) {
      const rule = "must be a name without slash, comma, quote, backslash, plus and star";
      faults.push(fault(`${at}.${name}`, rule, name, "rename it in the directory"));
    }
    const twin = names.slice(0, index).find((earlier) => earlier.toLowerCase() === name.toLowerCase());
    if (twin !== undefined) {
      faults.push(fault(`${at}.${name}`, `must differ from ${twin} in more than case`, name, "remove one of the two"));
    }
    return faults;
  });
}

function userFaults(at: string, user: LdapUserArgs<string>, known: readonly string[]): string[] {
  const { groups = [], policies = [] } = user;
  const unknown = groups.filter((group) => !known.includes(group));
  return [
    ...unknown.map((group) => fault(`${at}.groups`, "must be groups of this method", group, "add it to groups")),
    ...(groups.length + policies.length === 0
      ? [fault(at, "must have a group or a policy", user, "remove it: the directory alone decides then")]
      : []),
  ];
}
