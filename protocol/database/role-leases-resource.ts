/**
 * `vault:RoleLeases` for Pulumi: check → pure; create, update → issue one login and revoke it; diff → inputs, and what
 * a failed proof left behind; read → the known state; delete → revoke every login of the role before the role goes.
 */
import { databaseCalls, type DatabaseCalls } from "./database-calls.ts";
import { PartialFailure, withoutProvider } from "../frame/partial-failure.ts";
import type { ProtocolContext } from "../frame/protocol-context.ts";
import { inSession, type VaultSessionInputs } from "../vault-client/session.ts";
import { targetFaults } from "../frame/target-faults.ts";
import { changedProperties } from "../frame/unknown.ts";
import { VaultRefusal } from "../vault-client/vault-error.ts";
import { defineResource, inVault } from "../frame/resource-frame.ts";

/** Inputs of `vault:RoleLeases`. */
export interface RoleLeasesInputs extends VaultSessionInputs {
  /** Path of the database engine. */
  readonly mount: string;
  readonly role: string;
  /** Changes with what the role does, so that it is proved again. */
  readonly roleFingerprint: string;
  /** From `vault:DatabaseLogin`; empty for a connection without one. */
  readonly loginGeneration: string;
  readonly protocolVersion: number;
}

/** Outputs of `vault:RoleLeases`. */
export interface RoleLeasesOutputs extends RoleLeasesInputs {
  /** Leases of proofs that could not be revoked; the next update tries again. */
  readonly unrevokedLeases: readonly string[];
}

const proved = ["mount", "role", "roleFingerprint", "loginGeneration", "protocolVersion"] as const;

/**
 * Proves that logins of the role can be issued and revoked; an update proves it again, unless only the way to Vault
 * changed. Deleting it revokes every login of its role.
 */
export const { check, diff, create, createIn, update, updateIn, read, delete_, deleteIn } = defineResource<
  ProtocolContext,
  RoleLeasesInputs,
  RoleLeasesOutputs
>({
  inside: inVault.inside,
  idOf: leasesId,
  faults: (faults, inputs) => {
    targetFaults(faults, inputs.target);
    for (const name of ["mount", "role", "roleFingerprint"] as const) faults.text(name, inputs[name]);
  },
  compared: [...proved, "target", "credential"],
  identity: ["mount", "role"],
  isOff: ({ unrevokedLeases }) => unrevokedLeases?.length !== 0,
  reconcile: async (context, inputs, olds: Partial<RoleLeasesOutputs> | null) => {
    const open = olds?.unrevokedLeases;
    const isProved =
      open?.length === 0 && changedProperties<Partial<RoleLeasesInputs>>(olds ?? {}, inputs, proved).length === 0;
    return isProved ? { unrevokedLeases: open } : prove(context, inputs, open ?? []);
  },
  remove: takeLogins,
});

/**
 * Revokes every login of the role. When the database does not answer, Vault forgets them instead, and what may be left
 * in the database is listed.
 *
 * @throws when Vault is there but does not serve.
 */
async function takeLogins(context: ProtocolContext, props: RoleLeasesOutputs): Promise<void> {
  const done = await inSession(context, props, async (session) => {
    const calls = databaseCalls(session, props.mount);
    const refusal = await refusalOf(() => calls.revokeAll(props.role));
    if (refusal === null) return;
    if (!isOutOfReach(refusal)) throw new Error(notTaken(props, refusal));
    await forget(calls, props, refusal);
  });
  if (done !== null || !(await isThere(context, props))) return;
  throw new Error(
    `${leasesId(props)}: cannot be taken away while Vault does not serve; run \`up\` first, which unseals it`,
  );
}

/**
 * Whether Vault's words say that it cannot reach the database, or that the database is gone. Anything else means that
 * the database answered, or that Vault did not ask it: its logins are alive, and forgetting them would leave them
 * alive.
 */
export function isOutOfReach(refusal: string): boolean {
  const unreached =
    /dial error|hostname resolving error|no such host|connection re(?:fused|set)|no route to host|network is unreachable|i\/o timeout/i;
  // Starting, shutting down, ended by an administrator, and a database that does not exist.
  const gone = /SQLSTATE (?:57P0[1-3]|3D000)\b/;
  return unreached.test(refusal) || gone.test(refusal);
}

function notTaken({ mount, role }: RoleLeasesOutputs, refusal: string): string {
  const leases = `${mount}/creds/${role}`;
  return (
    `${leases}: Vault cannot take its logins away (${refusal}), and they go on to work; remove the cause, which \`up\` does ` +
    `for Vault's own login, and repeat this; or forget them, alive as they are: \`vault lease revoke -force -prefix ${leases}\``
  );
}

/** Whether there is a Vault whose leases could be revoked. */
async function isThere({ kube }: ProtocolContext, { target }: RoleLeasesOutputs): Promise<boolean> {
  return (await kube.readStatefulSet(target.namespace, target.statefulSet)) !== null;
}

async function forget(calls: DatabaseCalls, { mount, role }: RoleLeasesOutputs, refusal: string): Promise<void> {
  const leases = await calls.leases(role);
  await calls.forgetAll(role);
  const text = [
    `the logins of ${mount}/creds/${role} could not be taken out of their database (${refusal}), so Vault has forgotten them.`,
    `Each ends by itself when its time is up. To remove them before, drop the ${leases.length} roles named v-…-${role.slice(0, 8)}-… that belong to these leases:`,
    ...leases.map((lease) => `  - ${mount}/creds/${role}/${lease}`),
  ];
  // The engine shows what a dynamic provider writes to stderr.
  process.stderr.write(`${text.join("\n")}\n`);
}

async function prove(
  context: ProtocolContext,
  inputs: RoleLeasesInputs,
  open: readonly string[],
): Promise<Pick<RoleLeasesOutputs, "unrevokedLeases">> {
  const done = await inSession(context, inputs, async (session) => {
    const calls = databaseCalls(session, inputs.mount);
    const issued = await calls.issue(inputs.role).catch((error: unknown) => {
      throw new Error(
        `${leasesId(inputs)}: Vault cannot issue a login (${wordsOf(error)}); correct the creation statements, or what Vault's own login may do, and run \`up\` again`,
        { cause: error },
      );
    });
    const unrevokedLeases: string[] = [];
    const refusals: string[] = [];
    for (const lease of [...open, issued.lease]) {
      const refusal = await refusalOf(() => calls.revoke(lease));
      if (refusal === null || /lease not found/i.test(refusal)) continue;
      unrevokedLeases.push(lease);
      refusals.push(refusal);
    }
    return { unrevokedLeases, refusals };
  });
  if (done === null) throw new Error("Vault does not serve; run `up` again, which unseals it first");
  const { unrevokedLeases, refusals } = done.result;
  if (unrevokedLeases.length === 0) return { unrevokedLeases };
  throw new PartialFailure(leasesId(inputs), inputs, { ...withoutProvider(inputs), unrevokedLeases }, [
    `${leasesId(inputs)}: Vault issued a login but cannot take it away (${refusals.join("; ")}); correct the revocation statements, or what Vault's own login may do, and run \`up\` again, which takes it away too`,
  ]);
}

/** Null when it was done, else what Vault said. */
async function refusalOf(action: () => Promise<void>): Promise<string | null> {
  try {
    await action();
    return null;
  } catch (error) {
    if (error instanceof VaultRefusal && error.status !== 403) return wordsOf(error);
    throw error;
  }
}

function wordsOf(error: unknown): string {
  if (error instanceof VaultRefusal) return error.errors.join("; ").replace(/\s+/g, " ");
  return error instanceof Error ? error.message : "unknown fault";
}

function leasesId({ mount, role }: RoleLeasesInputs): string {
  return `${mount}/creds/${role}`;
}
