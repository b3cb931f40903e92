/**
 * `postgres:RemainsRole` for Pulumi: check → pure; create, update → make the role, or leave the one that is there; diff → inputs,
 * and look whether it is there; read → as it is known; delete → drop it, once its database is gone.
 */
import { type Client, escapeIdentifier } from "pg";
import { asAdmin, powersOfRole } from "./admin-session.ts";
import { defineResource } from "../frame/resource-frame.ts";
import type { RemainsRoleInputs } from "../types.ts";

/** Makes the role; one that is there already is taken, since a run may have made it that nobody knows of any more. */
export const { check, diff, create, update, read, delete_ } = defineResource<Client, RemainsRoleInputs>({
  inside: asAdmin,
  idOf: ({ remains }) => remains,
  faults: (faults, inputs) => {
    for (const name of ["adminUsername", "database", "remains"] as const) faults.text(name, inputs[name]);
  },
  compared: ["postgres", "adminUsername", "adminPassword", "database", "remains", "protocolVersion"],
  identity: ["remains"],
  find: async (client, inputs) => !(await isThere(client, inputs)),
  reconcile: async (client, inputs) => {
    if (!(await isThere(client, inputs))) await client.query(`CREATE ROLE ${escapeIdentifier(inputs.remains)} NOLOGIN`);
    return {};
  },
  remove: async (client, { remains }) => {
    await client.query(`DROP ROLE IF EXISTS ${escapeIdentifier(remains)}`);
  },
});

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
