/**
 * `postgres:RemainsRole` for Pulumi: check → pure; create, update → make the role, or keep an existing one; diff →
 * inputs, and whether the role exists; read → the known state; delete → drop it, once its database is gone.
 */
import { type Client, escapeIdentifier } from "pg";
import { asAdmin, powersOfRole, type PostgresAdminInputs } from "./admin-session.ts";
import { defineResource } from "../frame/resource-frame.ts";

/** Inputs of `postgres:RemainsRole`. */
export interface RemainsRoleInputs extends PostgresAdminInputs {
  readonly remains: string;
  readonly protocolVersion: number;
}

/** Makes the role; an existing one is taken over, since an earlier run that left no record may have made it. */
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

/** @throws when a role of that name exists and may do something. */
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
