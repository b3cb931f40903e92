import type * as pulumi from "@pulumi/pulumi";
import { LdapAuth } from "../../components/access/logins/ldap-auth.ts";
import { Policy } from "../../components/access/policy.ts";
import type { KvEngine } from "../../components/engines/kv/kv.ts";
import { readFolder, writeFolder } from "../../components/engines/kv/kv-rules.ts";
import type { LdapLoginConfig, LdapRights } from "../settings/ldap.ts";

/** What people of a directory log in to. */
export interface LdapLoginArgs {
  /** The directory and who may do what. */
  readonly login: LdapLoginConfig;
  /** The store whose secrets they read or write. */
  readonly kv: KvEngine;
  /** Whether a mount that exists already is taken over. */
  readonly adopt: boolean;
}

/** Lets the people of a directory log in, as readers or writers of the stack's store. */
export function ldapLogin({ login, kv, adopt }: LdapLoginArgs, opts: pulumi.ComponentResourceOptions): LdapAuth {
  const policies: Readonly<Record<LdapRights, Policy>> = {
    reader: new Policy("secret-reader", { rules: readFolder({ kv, because: "readers read the whole store" }) }, opts),
    writer: new Policy("secret-writer", { rules: writeFolder({ kv, because: "writers keep the whole store" }) }, opts),
  };
  const withPolicies = (rights: Readonly<Record<string, LdapRights>>) =>
    Object.fromEntries(Object.entries(rights).map(([name, right]) => [name, { policies: [policies[right]] }]));
  return new LdapAuth(
    "ldap",
    {
      adopt,
      directory: login.directory,
      lifetime: login.lifetime,
      groups: withPolicies(login.groups),
      users: withPolicies(login.users),
    },
    opts,
  );
}
