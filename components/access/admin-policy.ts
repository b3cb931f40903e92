import { engineKinds } from "../engines/kinds.ts";
import { type AdminRule, manage, type MountKind } from "../shared/mount-kind.ts";
import { loginKinds } from "./logins/kinds.ts";
import type { Capability, PolicyRule } from "./policy-document.ts";

/**
 * What Pulumi's own login may do. It has no `*` at the root and reads no secret of the stack: `sys/raw`, `sys/seal`,
 * `sys/step-down`, snapshots and servers of `sys/storage`, values of KV version 2 stores and tokens of other policies
 * are out of its reach. What it may do inside mounts is defined by the kinds of engines and login methods.
 *
 * It is still an administrator: anyone who may write policies and login methods can grant themselves more, and every
 * such step is in the audit log. `+` stands for one segment, the mount: mounts are created by the same program.
 */
const rules: Readonly<Record<string, AdminRule>> = {
  "sys/mounts": { capabilities: ["read"], because: "list engines" },
  "sys/mounts/*": { capabilities: manage, because: "mount, tune and unmount engines" },
  "sys/remount": { capabilities: ["update", "sudo"], because: "rename a mount in place instead of losing its data" },
  "sys/remount/status/*": { capabilities: ["read"], because: "wait for a rename" },
  "sys/auth": { capabilities: ["read"], because: "list login methods" },
  "sys/auth/*": {
    capabilities: [...manage, "sudo"],
    because: "enable, tune and disable login methods; Vault wants sudo",
    preview: ["read", "list", "sudo"],
  },
  "sys/policies/acl": { capabilities: ["list"], because: "list policies" },
  "sys/policies/acl/*": { capabilities: manage, because: "write policies, this one included" },
  "sys/audit": {
    capabilities: ["read", "list", "sudo"],
    because: "list audit devices; Vault wants sudo",
    preview: ["read", "list", "sudo"],
  },
  "sys/audit/*": {
    capabilities: [...manage, "sudo"],
    because: "enable and disable audit devices; Vault wants sudo",
    preview: [],
  },
  // Vault 1.x needs no login for this: anyone who can reach Vault may do it. Vault 2.x needs one, with sudo for some
  // paths.
  "sys/rekey/init": {
    capabilities: ["read", "create", "update", "delete", "sudo"],
    because: "replace the keys",
    preview: ["read", "sudo"],
  },
  "sys/rekey/update": { capabilities: ["create", "update", "sudo"], because: "give shares of the keys in use" },
  "sys/rekey/verify": {
    capabilities: ["read", "create", "update", "sudo"],
    because: "show the new shares",
    preview: [],
  },
  "sys/rekey/backup": {
    capabilities: ["read", "delete", "sudo"],
    because: "take the new shares, encrypted to their holders, and remove Vault's copy",
    preview: [],
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
    preview: [],
  },
  "sys/rekey/recovery-key-backup": {
    capabilities: ["read", "delete", "sudo"],
    because: "take the new recovery shares, encrypted to their holders, and remove Vault's copy",
    preview: [],
  },
  "sys/internal/ui/mounts/*": { capabilities: ["read"], because: "clients ask it for the version of a KV mount" },
  "sys/capabilities-self": { capabilities: ["update"], because: "prove what this login may do" },
  "sys/storage/raft/configuration": { capabilities: ["read"], because: "prove that every server of a cluster votes" },
  "sys/storage/raft/autopilot/state": { capabilities: ["read"], because: "prove that a cluster is healthy" },
  "sys/storage/raft/autopilot/configuration": {
    capabilities: ["create", "read", "update"],
    because: "say when a lost server of a cluster is given up",
  },
  ...Object.fromEntries([...loginKinds, ...engineKinds].flatMap(({ adminRules }) => Object.entries(adminRules))),
  "auth/token/create-orphan": { capabilities: ["deny"], because: "no token may outlive the login that made it" },
};

/** What the login for previews needs in addition. */
const ownPreviewRules: Readonly<Record<string, AdminRule>> = {
  "auth/token/lookup-self": { capabilities: ["read"], because: "prove what this login may do" },
  "auth/token/revoke-self": { capabilities: ["update"], because: "end its own token after each look" },
};

/** What is left of a rule's capabilities when it is rendered. */
type Rendered = (rule: AdminRule) => readonly Capability[];

const whole: Rendered = ({ capabilities }) => capabilities;

const reading: Rendered = ({ capabilities, preview }) =>
  preview ?? capabilities.filter((capability) => capability === "read" || capability === "list");

/** The policy of Pulumi's own login. */
export function adminPolicyRules(): PolicyRule[] {
  return rendered(rules, whole);
}

/**
 * The policy of the login for previews: it may read what a preview and a refresh of the same program read, but no
 * secret, no login and no data, and may change nothing but its own token. This part covers Vault itself.
 */
export function previewPolicyRules(): PolicyRule[] {
  const ofVault = rendered(rules, reading).filter(({ path }) => !isOfMount(path));
  return [...ofVault, ...rendered(ownPreviewRules, whole)];
}

/**
 * The part of that policy that covers mounts, each by its kind: the same path that holds settings in one engine holds
 * values in another.
 * @param mounts The mounts that the program declares; the path of a login method is without `auth/`.
 */
export function previewMountRules(
  mounts: readonly { readonly path: string; readonly kind: MountKind }[],
): PolicyRule[] {
  return mounts.flatMap(({ path: mount, kind }) =>
    rendered(kind.adminRules, reading)
      .filter(({ path }) => isOfMount(path))
      .map(({ path, capabilities }) => ({ path: path.replace("+", mount), capabilities })),
  );
}

function rendered(from: Readonly<Record<string, AdminRule>>, how: Rendered): PolicyRule[] {
  return Object.entries(from)
    .map(([path, rule]) => ({ path, capabilities: how(rule) }))
    .filter(({ capabilities }) => capabilities.length > 0);
}

function isOfMount(path: string): boolean {
  return path.startsWith("+/") || path.startsWith("auth/+/");
}

/**
 * The policy as the JSON that Vault takes. The same rules give the same text, so any difference is a change made by
 * hand.
 */
export function policyDocument(from: readonly PolicyRule[]): string {
  return JSON.stringify({ path: Object.fromEntries(from.map(({ path, capabilities }) => [path, { capabilities }])) });
}
