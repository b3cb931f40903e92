/**
 * `postgres:RemainsRole` for Pulumi: check → pure; create, update → make the role, or leave the one that is there; diff → inputs,
 * and look whether it is there; read → as it is known; delete → drop it, once its database is gone.
 */
import type { dynamic } from "@pulumi/pulumi";
import { type Client, escapeIdentifier } from "pg";
import { asAdmin, powersOfRole } from "./admin-session.ts";
import { Faults } from "../frame/faults.ts";
import { glance } from "../frame/glance.ts";
import { withoutProvider } from "../frame/partial-failure.ts";
import type { RemainsRoleInputs } from "../types.ts";
import { changedProperties, replacedProperties } from "../frame/unknown.ts";

/** Every fault of the inputs at once; nothing is contacted. */
export function check(
  _olds: RemainsRoleInputs,
  news: RemainsRoleInputs,
): Promise<dynamic.CheckResult<RemainsRoleInputs>> {
  const faults = new Faults();
  for (const name of ["adminUsername", "database", "remains"] as const) faults.text(name, news[name]);
  faults.integer("protocolVersion", news.protocolVersion, 1, Number.MAX_SAFE_INTEGER);
  return Promise.resolve({ inputs: news, failures: faults.list });
}

const inputNames = ["postgres", "adminUsername", "adminPassword", "database", "remains", "protocolVersion"] as const;

/** Another role under another name; an update when somebody dropped it. */
export async function diff(_id: string, olds: RemainsRoleInputs, news: RemainsRoleInputs): Promise<dynamic.DiffResult> {
  const replaces = replacedProperties<RemainsRoleInputs>(olds, news, ["remains"]);
  const changed = changedProperties<RemainsRoleInputs>(olds, news, inputNames);
  if (changed.length > 0) return { changes: true, replaces };
  const isMade = await glance(() => asAdmin(news, (client) => isThere(client, news)));
  return { changes: isMade === false, replaces };
}

/** Makes it; one that is there already is taken, since a run may have made it that nobody knows of any more. */
export async function create(inputs: RemainsRoleInputs): Promise<dynamic.CreateResult<RemainsRoleInputs>> {
  await establish(inputs);
  return { id: inputs.remains, outs: withoutProvider(inputs) };
}

/** The same. */
export async function update(
  _id: string,
  _olds: RemainsRoleInputs,
  news: RemainsRoleInputs,
): Promise<dynamic.UpdateResult<RemainsRoleInputs>> {
  await establish(news);
  return { outs: withoutProvider(news) };
}

/** As it is known; whether it is still so is for diff to find out. */
export function read(id: string, props: RemainsRoleInputs): Promise<dynamic.ReadResult<RemainsRoleInputs>> {
  return Promise.resolve({ id, props });
}

/** Drops it. */
export async function delete_(_id: string, props: RemainsRoleInputs): Promise<void> {
  await asAdmin(props, (client) => client.query(`DROP ROLE IF EXISTS ${escapeIdentifier(props.remains)}`));
}

async function establish(inputs: RemainsRoleInputs): Promise<void> {
  await asAdmin(inputs, async (client) => {
    if (!(await isThere(client, inputs))) await client.query(`CREATE ROLE ${escapeIdentifier(inputs.remains)} NOLOGIN`);
  });
}

/** @throws when there is a role of that name that may do something. */
async function isThere(client: Client, { remains }: RemainsRoleInputs): Promise<boolean> {
  const { rows } = await client.query<{ powers: boolean }>(
    `SELECT ${powersOfRole} OR EXISTS (SELECT FROM pg_auth_members m WHERE m.member = r.oid) AS "powers"
       FROM pg_roles r WHERE rolname = $1`,
    [remains],
  );
  if (rows[0]?.powers === true) {
    throw new Error(`role ${remains} exists and may do something; name another one that gets what ended logins leave`);
  }
  return rows.length > 0;
}
