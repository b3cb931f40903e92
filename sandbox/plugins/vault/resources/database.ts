import { isObject, textAt, type Json, type JsonObject } from "../../shared/property.ts";
import type { OperationContext, ResourceType } from "../../shared/provider.ts";
import type { PropertyRules } from "../../shared/schema.ts";
import { wireName, type ApiObject } from "../api-object.ts";
import { isSamePath, trimmedPath } from "../equality.ts";
import type { VaultSession } from "../vault-session.ts";

/**
 * `vault:database/secretBackendConnection:SecretBackendConnection`: how an engine reaches a database. A password is
 * sent when the connection is made and when it changes, never otherwise, so that one rotated by Vault stays.
 */
export function databaseConnection(vault: () => VaultSession): ResourceType {
  const write = async (inputs: JsonObject, olds: JsonObject, context: OperationContext): Promise<JsonObject> => {
    await vault().write(pathOf(inputs), connectionBody(inputs, olds), context);
    return { ...inputs, ...(await live(vault(), pathOf(inputs), inputs, context)) };
  };
  return {
    inputs: rules,
    outputs: { pluginName: {} },
    check: (news) => {
      const given = Object.keys(plugins).filter((kind) => news[kind] !== undefined);
      const reason = "must be one database, got none or several; give one of postgresql and mysql";
      return { inputs: news, faults: given.length === 1 ? [] : [{ path: "postgresql", reason }] };
    },
    create: async (inputs, context) => ({ id: pathOf(inputs), outputs: await write(inputs, {}, context) }),
    read: async ({ id, inputs }, context) => {
      const outputs = await live(vault(), id, inputs, context);
      return outputs && { id, outputs };
    },
    update: ({ news, oldInputs }, context) => write(news, oldInputs, context),
    delete: ({ id }, context) => vault().remove(id, context),
  };
}

/** `vault:database/secretBackendRole:SecretBackendRole`: how logins are made and taken away. */
export const databaseRole: ApiObject = {
  address: roleAddress(),
  fields: {
    dbName: { type: "string", required: true, replace: true },
    creationStatements: { type: { list: "string" }, required: true },
    renewStatements: { type: { list: "string" } },
    revocationStatements: { type: { list: "string" } },
    rollbackStatements: { type: { list: "string" } },
    defaultTtl: { type: "integer" },
    maxTtl: { type: "integer" },
    credentialType: { type: "string" },
    credentialConfig: { type: { map: "string" } },
  },
  path: ({ backend: mount, name }) => `${trimmedPath(mount)}/roles/${trimmedPath(name)}`,
  parse: (path) => addressIn(path, /^(.+)\/roles\/(.+)$/),
  computed: ["credentialType"],
  deletable: true,
};

/** `vault:database/secretBackendStaticRole:SecretBackendStaticRole`: an existing login whose password Vault changes. */
export const databaseStaticRole: ApiObject = {
  address: roleAddress(),
  fields: {
    dbName: { type: "string", required: true, replace: true },
    username: { type: "string", required: true, replace: true },
    rotationPeriod: { type: "integer" },
    rotationSchedule: { type: "string" },
    rotationWindow: { type: "integer" },
    rotationStatements: { type: { list: "string" } },
    credentialType: { type: "string" },
    credentialConfig: { type: { map: "string" } },
  },
  path: ({ backend: mount, name }) => `${trimmedPath(mount)}/static-roles/${trimmedPath(name)}`,
  parse: (path) => addressIn(path, /^(.+)\/static-roles\/(.+)$/),
  computed: ["credentialType"],
  deletable: true,
};

function roleAddress(): PropertyRules {
  return {
    backend: { type: "string", required: true, replace: true, same: isSamePath },
    name: { type: "string", required: true, replace: true },
  };
}

function addressIn(path: string, pattern: RegExp): JsonObject | undefined {
  const [, backend, name] = pattern.exec(path) ?? [];
  return backend === undefined || name === undefined ? undefined : { backend, name };
}

/** The plugin of each kind of database. */
const plugins: Readonly<Record<string, string>> = {
  postgresql: "postgresql-database-plugin",
  mysql: "mysql-database-plugin",
};

const sharedDetails: PropertyRules = {
  connectionUrl: { type: "string" },
  username: { type: "string" },
  password: { type: "string", secret: true },
  maxOpenConnections: { type: "integer" },
  maxIdleConnections: { type: "integer" },
  maxConnectionLifetime: { type: "integer" },
  usernameTemplate: { type: "string" },
  tlsCa: { type: "string" },
};

const rules: PropertyRules = {
  ...roleAddress(),
  pluginName: { type: "string" },
  allowedRoles: { type: { list: "string" } },
  rootRotationStatements: { type: { list: "string" } },
  verifyConnection: { type: "boolean", default: true },
  postgresql: { type: { object: { ...sharedDetails, passwordAuthentication: { type: "string" } } } },
  mysql: { type: { object: sharedDetails } },
};

function pathOf(inputs: JsonObject): string {
  return `${trimmedPath(inputs["backend"])}/config/${textAt(inputs, "name")}`;
}

function kindOf(inputs: JsonObject): string {
  return Object.keys(plugins).find((kind) => isObject(inputs[kind])) ?? "postgresql";
}

function connectionBody(inputs: JsonObject, olds: JsonObject): JsonObject {
  const kind = kindOf(inputs);
  const details = detailsOf(inputs, kind);
  const before = detailsOf(olds, kind);
  const sent = Object.entries(details).filter(([key, value]) => key !== "password" || value !== before["password"]);
  const cleared = Object.keys(before).filter((key) => details[key] === undefined && key !== "password");
  return {
    plugin_name: inputs["pluginName"] ?? plugins[kind] ?? "",
    verify_connection: inputs["verifyConnection"] ?? true,
    allowed_roles: inputs["allowedRoles"] ?? [],
    root_rotation_statements: inputs["rootRotationStatements"] ?? [],
    ...Object.fromEntries(cleared.map((key): [string, Json] => [wireName(key), ""])),
    ...Object.fromEntries(sent.map(([key, value]): [string, Json] => [wireName(key), value])),
  };
}

function detailsOf(inputs: JsonObject, kind: string): JsonObject {
  const details = inputs[kind];
  return isObject(details) ? details : {};
}

async function live(
  vault: VaultSession,
  id: string,
  inputs: JsonObject,
  context: OperationContext,
): Promise<JsonObject | undefined> {
  const data = await vault.read(id, context);
  if (data === undefined) return undefined;
  const kind = Object.keys(plugins).find((name) => plugins[name] === data["plugin_name"]) ?? kindOf(inputs);
  const found = isObject(data["connection_details"]) ? data["connection_details"] : {};
  const told = Object.keys(sharedDetails)
    .concat("passwordAuthentication")
    .filter((key) => key !== "password" && found[wireName(key)] !== undefined);
  const known = detailsOf(inputs, kind)["password"];
  return {
    ...addressIn(id, /^(.+)\/config\/(.+)$/),
    pluginName: data["plugin_name"] ?? null,
    allowedRoles: data["allowed_roles"] ?? null,
    rootRotationStatements: data["root_credentials_rotate_statements"] ?? null,
    ...(data["verify_connection"] === undefined ? {} : { verifyConnection: data["verify_connection"] }),
    [kind]: {
      ...Object.fromEntries(told.map((key): [string, Json] => [key, found[wireName(key)] ?? null])),
      // Vault never tells it.
      ...(known === undefined ? {} : { password: known }),
    },
  };
}
