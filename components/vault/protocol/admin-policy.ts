/** What Vault lets a token do with a path. */
type Capability = "create" | "read" | "update" | "delete" | "list" | "sudo" | "deny";

interface Rule {
  readonly capabilities: readonly Capability[];
  /** Why Pulumi's login needs it. */
  readonly because: string;
}

const MANAGE: readonly Capability[] = ["create", "read", "update", "delete", "list"];

/**
 * What Pulumi's own login may do. It has no `*` at the root and no path that reads arbitrary engines: `sys/raw`,
 * `sys/seal`, `sys/rekey`, `sys/step-down`, `sys/storage` (snapshots) and tokens of other policies stay out of reach.
 *
 * It is still an administrator: who may write policies and login methods can grant itself more, and every such step
 * is in the audit log. `+` stands for one segment, the mount: mounts are created by the same program.
 */
const RULES: Readonly<Record<string, Rule>> = {
  "sys/mounts": { capabilities: ["read"], because: "list engines" },
  "sys/mounts/*": { capabilities: MANAGE, because: "mount, tune and unmount engines" },
  "sys/remount": { capabilities: ["update", "sudo"], because: "rename a mount in place instead of losing its data" },
  "sys/remount/status/*": { capabilities: ["read"], because: "wait for a rename" },
  "sys/auth": { capabilities: ["read"], because: "list login methods" },
  "sys/auth/*": {
    capabilities: [...MANAGE, "sudo"],
    because: "enable, tune and disable login methods; Vault wants sudo",
  },
  "sys/policies/acl": { capabilities: ["list"], because: "list policies" },
  "sys/policies/acl/*": { capabilities: MANAGE, because: "write policies, this one included" },
  "sys/audit": { capabilities: ["read", "list", "sudo"], because: "list audit devices; Vault wants sudo" },
  "sys/audit/*": { capabilities: [...MANAGE, "sudo"], because: "enable and disable audit devices; Vault wants sudo" },
  "sys/internal/ui/mounts/*": { capabilities: ["read"], because: "clients ask it for the version of a KV mount" },
  "sys/capabilities-self": { capabilities: ["update"], because: "prove what this login may do" },
  "sys/leases/revoke-prefix/*": {
    capabilities: ["update", "sudo"],
    because: "drain the leases of an engine before it is unmounted",
  },
  "sys/leases/revoke-force/*": { capabilities: ["update", "sudo"], because: "the same when its database is gone" },
  "sys/leases/lookup/*": { capabilities: ["list", "sudo"], because: "see whether leases are left" },
  "auth/+/config": { capabilities: MANAGE, because: "configure a login method" },
  "auth/+/role": { capabilities: ["list"], because: "list roles" },
  "auth/+/role/*": {
    capabilities: MANAGE,
    because: "roles of Kubernetes, JWT and AppRole, Pulumi's own login included",
  },
  "auth/+/groups/*": { capabilities: MANAGE, because: "groups of LDAP" },
  "auth/+/users/*": { capabilities: MANAGE, because: "users of LDAP" },
  "+/config": { capabilities: MANAGE, because: "settings of an engine, of a KV mount for example" },
  "+/config/*": { capabilities: MANAGE, because: "connections of a database engine" },
  "+/roles/*": { capabilities: MANAGE, because: "roles of a database engine" },
  "+/static-roles/*": { capabilities: MANAGE, because: "roles with a fixed user of a database engine" },
  "+/rotate-root/*": { capabilities: ["update"], because: "make a database password known to Vault alone" },
  "+/creds/*": { capabilities: ["read"], because: "prove a database role by issuing one credential" },
  "+/keys/*": { capabilities: MANAGE, because: "keys of a transit engine" },
  "+/data/*": { capabilities: MANAGE, because: "seeds of a KV mount" },
  "+/metadata/*": { capabilities: MANAGE, because: "settings of KV paths and removing seeds with their history" },
  "auth/token/create-orphan": { capabilities: ["deny"], because: "no token may outlive the login that made it" },
};

/** The policy as the JSON Vault takes; the same rules give the same text, so a difference is a change by hand. */
export function adminPolicyDocument(): string {
  const path = Object.fromEntries(Object.entries(RULES).map(([name, { capabilities }]) => [name, { capabilities }]));
  return JSON.stringify({ path });
}
