/**
 * `vault:DatabaseLogin` for Pulumi: check → pure; create, update → set a password that only Vault knows; diff → check
 * whether it is still in force; read → the known state; delete → nothing, since the login and the connection are
 * resources of their own.
 */
import { createHash, randomBytes } from "node:crypto";
import { escapeIdentifier, escapeLiteral } from "pg";
import { databaseCalls, type DatabaseCalls } from "./database-calls.ts";
import { withoutProvider } from "../frame/partial-failure.ts";
import { inPostgres } from "./postgres-session.ts";
import type { ProtocolContext } from "../frame/protocol-context.ts";
import { scramVerifier } from "./scram.ts";
import { inSession, type VaultSessionInputs } from "../vault-client/session.ts";
import { targetFaults } from "../frame/target-faults.ts";
import { changedProperties } from "../frame/unknown.ts";
import { VaultRefusal } from "../vault-client/vault-error.ts";
import { defineResource, inVault } from "../frame/resource-frame.ts";
import type { PostgresTarget } from "./postgres-target.ts";

/** Inputs of `vault:DatabaseLogin`. */
export interface DatabaseLoginInputs extends VaultSessionInputs {
  /** Path of the database engine. */
  readonly mount: string;
  /** Name of the connection. */
  readonly connection: string;
  /** Way to the server for the admin login. */
  readonly postgres: PostgresTarget;
  readonly adminUsername: string;
  /** Secret. */
  readonly adminPassword: string;
  /** The login that is Vault's own. */
  readonly username: string;
  readonly protocolVersion: number;
}

/** Outputs of `vault:DatabaseLogin`. */
export interface DatabaseLoginOutputs extends DatabaseLoginInputs {
  /** Stored in the connection as well: a different one there, or none, means that the connection was made anew. */
  readonly generation: string;
  /** Tells one password from another without revealing any; null where the admin login may not look. */
  readonly passwordFingerprint: string | null;
}

/** What the password belongs to; the rest is only the way there. */
const belongsTo = ["mount", "connection", "username", "protocolVersion"] as const;

/**
 * Gives the login a password that only Vault knows; where only the way to Vault or to the server changed, the password
 * stays.
 */
export const { check, diff, create, createIn, update, updateIn, read, delete_ } = defineResource<
  ProtocolContext,
  DatabaseLoginInputs,
  DatabaseLoginOutputs
>({
  inside: inVault.inside,
  idOf: ({ mount, connection }) => `${mount}/${connection}`,
  faults: (faults, inputs) => {
    targetFaults(faults, inputs.target);
    for (const name of ["mount", "connection", "adminUsername", "username"] as const) faults.text(name, inputs[name]);
  },
  compared: [...belongsTo, "target", "credential", "postgres", "adminUsername", "adminPassword"],
  find: (context, _news, olds) => isLost(context, olds),
  reconcile: async (context, inputs, olds) => {
    if (olds === null || changedProperties<DatabaseLoginInputs>(olds, inputs, belongsTo).length > 0) {
      return establish(context, inputs);
    }
    const { generation, passwordFingerprint: fingerprint } = olds;
    const current = { ...withoutProvider(inputs), generation, passwordFingerprint: fingerprint };
    return (await isLost(context, current)) ? establish(context, inputs) : current;
  },
  // Whether the password is still in force is for diff to find out.
  look: () => Promise.resolve({}),
});

async function isLost(context: ProtocolContext, olds: DatabaseLoginOutputs): Promise<boolean> {
  const [noted, fingerprint] = await Promise.all([
    inSession(context, olds, (session) => databaseCalls(session, olds.mount).generation(olds.connection)),
    // A server that does not answer says nothing about the password.
    passwordFingerprint(context, olds).catch(() => olds.passwordFingerprint),
  ]);
  // Without a connection there is nothing to log in with; the run that makes it anew gets here too.
  if (noted === null || noted.result === null) return false;
  return noted.result !== olds.generation || fingerprint !== olds.passwordFingerprint;
}

async function establish(
  context: ProtocolContext,
  inputs: DatabaseLoginInputs,
): Promise<Pick<DatabaseLoginOutputs, "generation" | "passwordFingerprint">> {
  const generation = randomBytes(8).toString("hex");
  const done = await inSession(context, inputs, async (session) => {
    const calls = databaseCalls(session, inputs.mount);
    // A connection whose login works stays as it is: only Vault can change its password without anybody learning it.
    const refusal = await rotated(context, calls, inputs.connection, generation);
    if (refusal !== null) await newPassword(context, calls, inputs, { generation, refusal });
  });
  if (done === null) throw new Error("Vault does not serve; run `up` again, which unseals it first");
  const fingerprint = await passwordFingerprint(context, inputs);
  return { generation, passwordFingerprint: fingerprint };
}

/** How long Vault may take to reach a server whose pod is ready: its Service routes there only a moment later. */
const routeMs = 30_000;

/** Null when Vault could log in and has a new password; else what it said. */
async function rotated(
  { clock, timings }: ProtocolContext,
  calls: DatabaseCalls,
  connection: string,
  generation: string,
): Promise<string | null> {
  await calls.writeLogin(connection, { generation });
  const deadline = clock.now() + routeMs;
  for (;;) {
    const refusal = await refusalOfRotation(calls, connection);
    if (refusal === null || !isUnreached(refusal) || clock.now() > deadline) return refusal;
    await clock.sleep(timings.poll);
  }
}

/**
 * Vault's HTTP statuses for what the Postgres server said. Others, such as the one for too many requests, are no reason
 * to replace a password.
 */
const saidByServer: readonly number[] = [400, 500];

async function refusalOfRotation(calls: DatabaseCalls, connection: string): Promise<string | null> {
  try {
    await calls.rotateRoot(connection);
    return null;
  } catch (error) {
    if (error instanceof VaultRefusal && saidByServer.includes(error.status)) return error.errors.join("; ");
    throw error;
  }
}

/** Whether Vault's words say that no connection reached the server: then no password was tried, let alone changed. */
function isUnreached(refusal: string): boolean {
  return refusal.includes("dial error");
}

/** Sets a password with the admin login, gives it to Vault, and has Vault replace it at once. */
async function newPassword(
  context: ProtocolContext,
  calls: DatabaseCalls,
  inputs: DatabaseLoginInputs,
  { generation, refusal }: { readonly generation: string; readonly refusal: string },
): Promise<void> {
  const password = randomBytes(24).toString("base64url");
  const statement = `ALTER ROLE ${escapeIdentifier(inputs.username)} PASSWORD ${escapeLiteral(scramVerifier(password))}`;
  await inPostgres(context.kube, inputs.postgres, adminLogin(inputs), (client) => client.query(statement));
  await calls.writeLogin(inputs.connection, { generation, password });
  const again = await rotated(context, calls, inputs.connection, generation);
  if (again === null) return;
  throw new Error(
    `Vault cannot log in to Postgres as ${inputs.username} by the connection ${inputs.mount}/config/${inputs.connection}: ` +
      `${again}; before it had a new password: ${refusal}; see in the log of the server why it refuses, and run \`up\` again`,
  );
}

async function passwordFingerprint(context: ProtocolContext, inputs: DatabaseLoginInputs): Promise<string | null> {
  const { rows } = await inPostgres(context.kube, inputs.postgres, adminLogin(inputs), async (client) => {
    const mayLook = "SELECT has_table_privilege('pg_catalog.pg_authid', 'select') AS allowed";
    const [answer] = (await client.query<{ allowed: boolean }>(mayLook)).rows;
    if (answer?.allowed !== true) return { rows: [] };
    const stored = "SELECT rolpassword FROM pg_catalog.pg_authid WHERE rolname = $1";
    return client.query<{ rolpassword: string | null }>(stored, [inputs.username]);
  });
  const [found] = rows;
  if (found === undefined) return null;
  // A hash of a salted verifier of a random password: nothing can be guessed from it.
  return createHash("sha256")
    .update(found.rolpassword ?? "")
    .digest("hex")
    .slice(0, 16);
}

function adminLogin({ adminUsername, adminPassword }: DatabaseLoginInputs) {
  return { username: adminUsername, password: adminPassword, database: "postgres" };
}
