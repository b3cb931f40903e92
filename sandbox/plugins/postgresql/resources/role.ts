import { escapeIdentifier, escapeLiteral } from "pg";
import { PluginError } from "../../shared/errors.ts";
import { textAt, type Json, type JsonObject } from "../../shared/property.ts";
import type { ResourceType } from "../../shared/provider.ts";
import type { PropertyRules } from "../../shared/schema.ts";
import type { Connection, Server } from "../server.ts";

/** `postgresql:index/role:Role`: a login or a group. Fails when its name is taken. */
export function role(server: () => Server): ResourceType {
  return {
    inputs: rules,
    outputs: { password: { secret: true } },
    create: async (inputs) => {
      const name = textAt(inputs, "name");
      const outputs = await server().inTransaction(async (connection) => {
        await connection.query(`CREATE ROLE ${escapeIdentifier(name)} ${attributes(inputs, {})}`);
        await changeMemberships(connection, name, [], memberships(inputs));
        return live(connection, name, inputs, server().superuser);
      });
      return { id: name, outputs: { ...inputs, ...outputs } };
    },
    read: async ({ id, outputs }) => {
      const found = await server().connected((connection) => live(connection, id, outputs, server().superuser));
      return found && { id, outputs: { ...outputs, ...found } };
    },
    update: async ({ id, news, oldInputs }) => {
      if (textAt(news, "name") !== id) {
        throw new PluginError(`name: must stay ${id} with the stand-in plugin, got another; use the official plugin`);
      }
      return server().inTransaction(async (connection) => {
        const changed = attributes(news, oldInputs);
        if (changed !== "") await connection.query(`ALTER ROLE ${escapeIdentifier(id)} ${changed}`);
        await changeMemberships(connection, id, memberships(oldInputs), memberships(news));
        return { ...news, ...(await live(connection, id, news, server().superuser)) };
      });
    },
    delete: async ({ id }) => {
      await server().inTransaction(async (connection) => {
        if ((await connection.query("SELECT FROM pg_roles WHERE rolname = $1", [id])).length === 0) return;
        const [dropped, heir] = [escapeIdentifier(id), escapeIdentifier(server().username)];
        await connection.query(`REASSIGN OWNED BY ${dropped} TO ${heir}`);
        await connection.query(`DROP OWNED BY ${dropped}`);
        await connection.query(`DROP ROLE ${dropped}`);
      });
    },
  };
}

/** Attributes that are on or off, with their words in SQL. */
const flags: Readonly<Record<string, string>> = {
  login: "LOGIN",
  createRole: "CREATEROLE",
  createDatabase: "CREATEDB",
  superuser: "SUPERUSER",
  inherit: "INHERIT",
  replication: "REPLICATION",
  bypassRowLevelSecurity: "BYPASSRLS",
};

const rules: PropertyRules = {
  name: { type: "string", required: true },
  login: { type: "boolean", default: false },
  createRole: { type: "boolean", default: false },
  createDatabase: { type: "boolean", default: false },
  superuser: { type: "boolean", default: false },
  inherit: { type: "boolean", default: true },
  replication: { type: "boolean", default: false },
  bypassRowLevelSecurity: { type: "boolean", default: false },
  connectionLimit: { type: "integer", default: -1 },
  password: { type: "string", secret: true },
  roles: { type: { list: "string" }, set: true },
};

/** The attributes that differ, as a clause; all of them for a new role. */
function attributes(news: JsonObject, olds: JsonObject): string {
  const changed = (key: string): boolean => news[key] !== undefined && news[key] !== olds[key];
  const clauses = Object.entries(flags)
    .filter(([key]) => changed(key))
    .map(([key, word]) => (news[key] === true ? word : `NO${word}`));
  if (changed("connectionLimit")) clauses.push(`CONNECTION LIMIT ${Number(news["connectionLimit"])}`);
  if (changed("password")) clauses.push(`PASSWORD ${escapeLiteral(textAt(news, "password"))}`);
  else if (news["password"] === undefined && olds["password"] !== undefined) clauses.push("PASSWORD NULL");
  return clauses.join(" ");
}

function memberships({ roles }: JsonObject): string[] {
  return Array.isArray(roles) ? roles.map(String) : [];
}

async function changeMemberships(
  connection: Connection,
  name: string,
  olds: readonly string[],
  news: readonly string[],
): Promise<void> {
  const member = escapeIdentifier(name);
  for (const group of olds.filter((old) => !news.includes(old))) {
    await connection.query(`REVOKE ${escapeIdentifier(group)} FROM ${member}`);
  }
  for (const group of news.filter((added) => !olds.includes(added))) {
    await connection.query(`GRANT ${escapeIdentifier(group)} TO ${member}`);
  }
}

async function live(
  connection: Connection,
  name: string,
  known: JsonObject,
  superuser: boolean,
): Promise<JsonObject | undefined> {
  const [found] = await connection.query(
    `SELECT rolcanlogin AS "login", rolcreaterole AS "createRole", rolcreatedb AS "createDatabase",
            rolsuper AS "superuser", rolinherit AS "inherit", rolreplication AS "replication",
            rolbypassrls AS "bypassRowLevelSecurity", rolconnlimit AS "connectionLimit",
            ARRAY(SELECT pg_get_userbyid(roleid)::text FROM pg_auth_members WHERE member = pg_roles.oid) AS "roles"
       FROM pg_roles WHERE rolname = $1`,
    [name],
  );
  if (found === undefined) return undefined;
  return { ...found, name, password: await password(connection, name, known["password"], superuser) };
}

/**
 * As the official provider has it: a password that the program gave is believed, any other is shown as it is stored.
 */
async function password(
  connection: Connection,
  name: string,
  known: Json | undefined,
  superuser: boolean,
): Promise<Json> {
  if (!superuser || (typeof known === "string" && known !== "" && !known.startsWith("SCRAM-SHA-256"))) {
    return known ?? null;
  }
  const [found] = await connection.query("SELECT rolpassword FROM pg_authid WHERE rolname = $1", [name]);
  return found?.["rolpassword"] ?? null;
}
