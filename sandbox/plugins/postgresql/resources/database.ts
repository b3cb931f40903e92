import { escapeIdentifier, escapeLiteral } from "pg";
import { PluginError } from "../../shared/errors.ts";
import { textAt, type JsonObject } from "../../shared/property.ts";
import type { ResourceType } from "../../shared/provider.ts";
import type { PropertyRules } from "../../shared/schema.ts";
import { structuralDiff } from "../../shared/structural-diff.ts";
import type { Connection, Server } from "../server.ts";

/** `postgresql:index/database:Database`: a database. Fails when its name is taken. */
export function database(server: () => Server): ResourceType {
  return {
    inputs: rules,
    outputs: {
      owner: { stable: false },
      template: {},
      encoding: {},
      lcCollate: {},
      lcCtype: {},
      isTemplate: {},
      tablespaceName: {},
    },
    // What the program leaves out is the server's business: a database that was imported has it, and keeps it.
    diff: ({ oldInputs, news }) => ({
      changes: structuralDiff(oldInputs, news, rules).filter(({ kind }) => kind !== "delete"),
    }),
    create: async (inputs) => {
      const name = textAt(inputs, "name");
      const outputs = await server().connected(async (connection) => {
        await connection.query(`CREATE DATABASE ${escapeIdentifier(name)} ${options(inputs, server().username)}`);
        return live(connection, name, inputs);
      });
      return { id: name, outputs: { ...inputs, ...outputs } };
    },
    read: async ({ id, inputs }) => {
      const found = await server().connected((connection) => live(connection, id, inputs));
      return found && { id, outputs: found };
    },
    update: async ({ id, news, oldInputs }) => {
      if (textAt(news, "name") !== id) {
        throw new PluginError(`name: must stay ${id} with the stand-in plugin, got another; use the official plugin`);
      }
      return server().connected(async (connection) => {
        const alter = `ALTER DATABASE ${escapeIdentifier(id)}`;
        const changed = (key: string): boolean => news[key] !== undefined && news[key] !== oldInputs[key];
        if (changed("owner")) await connection.query(`${alter} OWNER TO ${escapeIdentifier(textAt(news, "owner"))}`);
        if (changed("connectionLimit")) {
          await connection.query(`${alter} CONNECTION LIMIT ${Number(news["connectionLimit"])}`);
        }
        if (changed("allowConnections")) {
          await connection.query(`${alter} ALLOW_CONNECTIONS ${news["allowConnections"] === true}`);
        }
        return { ...news, ...(await live(connection, id, news)) };
      });
    },
    delete: async ({ id }) => {
      // With force, as the official provider does it: open connections would keep the database.
      const drop = `DROP DATABASE IF EXISTS ${escapeIdentifier(id)} WITH (FORCE)`;
      await server().connected((connection) => connection.query(drop));
    },
  };
}

const rules: PropertyRules = {
  name: { type: "string", required: true },
  owner: { type: "string" },
  template: { type: "string", replace: true },
  encoding: { type: "string", replace: true },
  lcCollate: { type: "string", replace: true },
  lcCtype: { type: "string", replace: true },
  connectionLimit: { type: "integer", default: -1 },
  allowConnections: { type: "boolean", default: true },
};

function options(inputs: JsonObject, username: string): string {
  const { owner, template, encoding, lcCollate, lcCtype, allowConnections, connectionLimit } = inputs;
  return [
    `OWNER ${escapeIdentifier(typeof owner === "string" ? owner : username)}`,
    `TEMPLATE ${escapeIdentifier(typeof template === "string" ? template : "template0")}`,
    `ENCODING ${escapeLiteral(typeof encoding === "string" ? encoding : "UTF8")}`,
    ...(typeof lcCollate === "string" ? [`LC_COLLATE ${escapeLiteral(lcCollate)}`] : []),
    ...(typeof lcCtype === "string" ? [`LC_CTYPE ${escapeLiteral(lcCtype)}`] : []),
    `ALLOW_CONNECTIONS ${allowConnections !== false}`,
    `CONNECTION LIMIT ${Number(connectionLimit ?? -1)}`,
  ].join(" ");
}

async function live(connection: Connection, name: string, known: JsonObject): Promise<JsonObject | undefined> {
  const [found] = await connection.query(
    `SELECT pg_get_userbyid(d.datdba)::text AS "owner", pg_encoding_to_char(d.encoding)::text AS "encoding",
            d.datcollate AS "lcCollate", d.datctype AS "lcCtype", t.spcname::text AS "tablespaceName",
            d.datconnlimit AS "connectionLimit", d.datallowconn AS "allowConnections", d.datistemplate AS "isTemplate"
       FROM pg_database d JOIN pg_tablespace t ON t.oid = d.dattablespace WHERE d.datname = $1`,
    [name],
  );
  // From which template it was made is not known to the server.
  return found && { ...found, name, template: known["template"] ?? "template0" };
}
