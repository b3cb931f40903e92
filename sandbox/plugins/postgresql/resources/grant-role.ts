import { escapeIdentifier } from "pg";
import { textAt, type JsonObject } from "../../shared/property.ts";
import type { ResourceType } from "../../shared/provider.ts";
import type { Connection, Server } from "../server.ts";

/** `postgresql:index/grantRole:GrantRole`: a membership. Everything about it is fixed. */
export function grantRole(server: () => Server): ResourceType {
  return {
    inputs: {
      role: { type: "string", required: true, replace: true },
      grantRole: { type: "string", required: true, replace: true },
      withAdminOption: { type: "boolean", default: false, replace: true },
    },
    outputs: {},
    create: async (inputs) => {
      await server().connected((connection) => connection.query(grantStatement(inputs)));
      // As the official provider writes it.
      const id = [textAt(inputs, "role"), textAt(inputs, "grantRole"), `${inputs["withAdminOption"] === true}`].join(
        "_",
      );
      return { id, outputs: inputs };
    },
    read: async ({ id, outputs }) => {
      const found = await server().connected((connection) => membership(connection, outputs));
      return found && { id, outputs: { ...outputs, withAdminOption: found["admin"] ?? null } };
    },
    delete: async ({ outputs }) => {
      await server().connected(async (connection) => {
        if ((await membership(connection, outputs)) === undefined) return;
        const { role, group } = names(outputs);
        await connection.query(`REVOKE ${group} FROM ${role}`);
      });
    },
  };
}

function names(inputs: JsonObject): { readonly role: string; readonly group: string } {
  return { role: escapeIdentifier(textAt(inputs, "role")), group: escapeIdentifier(textAt(inputs, "grantRole")) };
}

function grantStatement(inputs: JsonObject): string {
  const { role, group } = names(inputs);
  return `GRANT ${group} TO ${role}${inputs["withAdminOption"] === true ? " WITH ADMIN OPTION" : ""}`;
}

async function membership(connection: Connection, inputs: JsonObject): Promise<JsonObject | undefined> {
  const [found] = await connection.query(
    `SELECT bool_or(admin_option) AS "admin" FROM pg_auth_members
      WHERE pg_get_userbyid(member) = $1 AND pg_get_userbyid(roleid) = $2 HAVING count(*) > 0`,
    [textAt(inputs, "role"), textAt(inputs, "grantRole")],
  );
  return found;
}
