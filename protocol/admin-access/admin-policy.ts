/** What Vault lets a token do with a path. */
type Capability = "create" | "read" | "update" | "delete" | "list" | "sudo" | "deny";

interface Rule {
  readonly capabilities: readonly Capability[];
  /** Why Pulumi's login needs it. */
  readonly because: string;
  /** What the login for previews keeps of it. @default - what of it is `read` or `list` */
  readonly preview?: readonly Capability[];
}

const MANAGE: readonly Capability[] = ["create", "read", "update", "delete", "list"];

const NOTHING: readonly Capability[] = [];

/**
 * What Pulumi's own login may do. It has no `*` at the root and reads no secret of the stack: `sys/raw`, `sys/seal`,
 * `sys/step-down`, snapshots and servers of `sys/storage`, values of KV version 2 stores and tokens of other policies stay out
 * of reach. A KV version 1 store, which the stack never makes, has its values where engines have their settings: those below
 * `config/`, `roles/`, `keys/` and the like it could read. An engine that a later version manages adds its rules here and raises
 * the protocol's version.
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
    preview: ["read", "list", "sudo"],
  },
  "sys/policies/acl": { capabilities: ["list"], because: "list policies" },
  "sys/policies/acl/*": { capabilities: MANAGE, because: "write policies, this one included" },
  "sys/audit": {
    capabilities: ["read", "list", "sudo"],
    because: "list audit devices; Vault wants sudo",
    preview: ["read", "list", "sudo"],
  },
  "sys/audit/*": {
    capabilities: [...MANAGE, "sudo"],
    because: "enable and disable audit devices; Vault wants sudo",
    preview: NOTHING,
  },
  // Without a login in Vault 1.x, where whoever reaches Vault may do it; by a login in 2.x, which wants sudo for some.
  "sys/rekey/init": {
    capabilities: ["read", "create", "update", "delete", "sudo"],
    because: "replace the keys",
    preview: ["read", "sudo"],
  },
  "sys/rekey/update": { capabilities: ["create", "update", "sudo"], because: "give shares of the keys in use" },
  "sys/rekey/verify": {
    capabilities: ["read", "create", "update", "sudo"],
    because: "show the new shares",
    preview: NOTHING,
  },
  "sys/rekey/backup": {
    capabilities: ["read", "delete", "sudo"],
    because: "take the new shares, encrypted to their holders, and remove Vault's copy",
    preview: NOTHING,
  },
  "sys/rekey-recovery-key/init": {
    capabilities: ["read", "create", "update", "delete", "sudo"],
    because: "replace the recovery shares of a Vault that opens by itself",
    preview: ["read", "sudo"],
  },
  "sys/rekey-recovery-key/update": {
    capabilities: ["create", "update", "sudo"],
    because: "give recovery shares in use",
  },
  "sys/rekey-recovery-key/verify": {
    capabilities: ["read", "create", "update", "sudo"],
    because: "show the new recovery shares",
    preview: NOTHING,
  },
  "sys/rekey/recovery-key-backup": {
    capabilities: ["read", "delete", "sudo"],
    because: "take the new recovery shares, encrypted to their holders, and remove Vault's copy",
    preview: NOTHING,
  },
  "sys/internal/ui/mounts/*": { capabilities: ["read"], because: "clients ask it for the version of a KV mount" },
  "sys/capabilities-self": { capabilities: ["update"], because: "prove what this login may do" },
  "sys/storage/raft/configuration": { capabilities: ["read"], because: "prove that every server of a cluster votes" },
  "sys/storage/raft/autopilot/state": { capabilities: ["read"], because: "prove that a cluster is healthy" },
  "sys/storage/raft/autopilot/configuration": {
    capabilities: ["create", "read", "update"],
    because: "say when a lost server of a cluster is given up",
  },
  "auth/+/config": { capabilities: MANAGE, because: "configure a login method" },
  "auth/+/role": { capabilities: ["list"], because: "list roles" },
  "auth/+/role/*": {
    capabilities: MANAGE,
    because: "roles of Kubernetes, JWT and AppRole, Pulumi's own login included",
  },
  "auth/+/groups": { capabilities: ["list"], because: "list groups of an LDAP directory" },
  "auth/+/groups/*": { capabilities: MANAGE, because: "what groups of an LDAP directory may do" },
  "auth/+/users": { capabilities: ["list"], because: "list people with rights of their own" },
  "auth/+/users/*": { capabilities: MANAGE, because: "what single people of an LDAP directory may do" },
  "+/config": { capabilities: MANAGE, because: "settings of an engine, of a KV mount for example" },
  "+/data/*": { capabilities: ["create", "update"], because: "write seeds of a KV mount; it reads none" },
  "+/metadata/*": {
    capabilities: MANAGE,
    because: "settings of KV paths and removing seeds with their history",
    preview: NOTHING,
  },
  "sys/config/*": {
    capabilities: ["deny"],
    because: "Vault's own configuration is no engine's, though the next rule would match it",
    preview: NOTHING,
  },
  "+/config/*": { capabilities: MANAGE, because: "connections of a database engine" },
  "+/roles/*": { capabilities: MANAGE, because: "dynamic roles of a database engine" },
  "+/static-roles/*": { capabilities: MANAGE, because: "static roles of a database engine" },
  "+/rotate-root/*": { capabilities: ["update"], because: "give a database login a password only Vault knows" },
  "+/creds/*": {
    capabilities: ["read"],
    because: "prove that a role issues a login, which is revoked at once",
    preview: NOTHING,
  },
  "sys/leases/revoke": { capabilities: ["update"], because: "prove that a role takes its login away" },
  "sys/leases/lookup/*": {
    capabilities: ["list", "sudo"],
    because: "tell what a role has issued; Vault wants sudo",
    preview: NOTHING,
  },
  "sys/leases/revoke-prefix/*": {
    capabilities: ["update", "sudo"],
    because: "take away what a role has issued before the role goes; Vault wants sudo",
  },
  "sys/leases/revoke-force/*": {
    capabilities: ["update", "sudo"],
    because: "forget what a role has issued when its database is gone; Vault wants sudo",
  },
  "+/keys/*": { capabilities: MANAGE, because: "keys of a transit engine, which are not in what it reads" },
  // The keys of authorities are made inside Vault and never shown: `exported` is out of reach.
  "+/issuers/generate/root/internal": {
    capabilities: ["create", "update"],
    because: "make an authority of a PKI engine",
  },
  "+/intermediate/generate/internal": {
    capabilities: ["create", "update"],
    because: "make the key of an authority that another signs",
  },
  "+/intermediate/set-signed": { capabilities: ["create", "update"], because: "give an authority its certificate" },
  "+/issuer/*": { capabilities: ["read", "delete"], because: "notice that an authority is gone, and take it away" },
  "+/issuer/+/sign-intermediate": {
    capabilities: ["create", "update"],
    because: "sign another authority",
    preview: ["deny"],
  },
  "auth/token/create-orphan": { capabilities: ["deny"], because: "no token may outlive the login that made it" },
};

/** What the login for previews needs besides, or must not reach. */
const PREVIEW_RULES: Readonly<Record<string, Rule>> = {
  "auth/token/lookup-self": { capabilities: ["read"], because: "prove what this login may do" },
  "auth/token/revoke-self": { capabilities: ["update"], because: "end its own token after each look" },
  "auth/+/role/pulumi/*": { capabilities: ["deny"], because: "half of Pulumi's own login is not its business" },
};

/** A path with what is allowed there, for whoever reviews who may do what. */
export interface PathCapabilities {
  readonly path: string;
  readonly capabilities: readonly Capability[];
}

/** The policy of Pulumi's own login. */
export function adminPolicyRules(): PathCapabilities[] {
  return Object.entries(RULES).map(([path, { capabilities }]) => ({ path, capabilities }));
}

/**
 * The policy of the login for previews: it reads what a preview and a refresh of the same program read, no secret, no login and
 * no data, and changes nothing but its own token. This part is about Vault itself.
 */
export function previewPolicyRules(): PathCapabilities[] {
  return previewRules().filter(({ path }) => !isOfMount(path));
}

/**
 * The part of it that is about mounts, for these alone: a rule for any mount would read values of a KV version 1 store that
 * somebody made by hand.
 * @param mounts Paths of the engines and of the login methods that the program declares, the latter without `auth/`.
 * @returns The rules.
 */
export function previewMountRules(mounts: {
  readonly engines: readonly string[];
  readonly logins: readonly string[];
}): PathCapabilities[] {
  return previewRules()
    .filter(({ path }) => isOfMount(path))
    .flatMap(({ path, capabilities }) => {
      const of = path.startsWith("auth/") ? mounts.logins : mounts.engines;
      return of.map((mount) => ({ path: path.replace("+", mount), capabilities }));
    });
}

function previewRules(): PathCapabilities[] {
  const reading = Object.entries(RULES).map(([path, { capabilities, preview }]) => ({
    path,
    capabilities: preview ?? capabilities.filter((capability) => capability === "read" || capability === "list"),
  }));
  const besides = Object.entries(PREVIEW_RULES).map(([path, { capabilities }]) => ({ path, capabilities }));
  return [...reading.filter(({ capabilities }) => capabilities.length > 0), ...besides];
}

function isOfMount(path: string): boolean {
  return path.startsWith("+/") || path.startsWith("auth/+/");
}

/** The policy as the JSON Vault takes; the same rules give the same text, so a difference is a change by hand. */
export function policyDocument(rules: readonly PathCapabilities[]): string {
  return JSON.stringify({ path: Object.fromEntries(rules.map(({ path, capabilities }) => [path, { capabilities }])) });
}
