import { isObject, textAt, type Json, type JsonObject } from "../../shared/property.ts";
import type { DiffRequest, DiffResult, OperationContext, ResourceType } from "../../shared/provider.ts";
import type { PropertyRules } from "../../shared/schema.ts";
import { structuralDiff } from "../../shared/structural-diff.ts";
import { wireName } from "../api-object.ts";
import { isSameJson, isSamePath, trimmedPath } from "../equality.ts";
import type { VaultSession } from "../vault-session.ts";
import { withSeconds } from "./kv.ts";

/**
 * `vault:kv/secretV2:SecretV2`: a secret of a version 2 key-value engine. Creating one writes a new version of whatever
 * is there. Its data is never read back, so it does not see them drift; that is how the official provider of this
 * version does it.
 */
export function kvSecret(vault: () => VaultSession): ResourceType {
  const write = async (inputs: JsonObject, context: OperationContext): Promise<JsonObject> => {
    const { cas, options, customMetadata } = inputs;
    const data = JSON.parse(textAt(inputs, "dataJson")) as Json;
    // The official provider sends `cas` beside the options, where Vault ignores it. Doing better would hide that.
    const body = { data, cas: cas ?? 0, options: options ?? {} };
    await vault().writeOnceReady(pathOf(inputs, "data"), body, context);
    if (isObject(customMetadata)) {
      await vault().write(pathOf(inputs, "metadata"), metadataBody(customMetadata), context);
    }
    return { ...inputs, ...(await live(vault(), pathOf(inputs, "data"), inputs, context)) };
  };
  return {
    inputs: rules,
    outputs: {
      path: {},
      data: { secret: true, stable: false },
      metadata: { stable: false },
      customMetadata: { stable: false },
    },
    diff: diffByName,
    create: async (inputs, context) => ({ id: pathOf(inputs, "data"), outputs: await write(inputs, context) }),
    read: async ({ id, inputs }, context) => {
      const outputs = await live(vault(), id, inputs, context);
      return outputs && { id, outputs };
    },
    update: ({ news }, context) => write(news, context),
    delete: ({ outputs }, context) =>
      vault().remove(pathOf(outputs, outputs["deleteAllVersions"] === true ? "metadata" : "data"), context),
  };
}

const metadataRules: PropertyRules = {
  maxVersions: { type: "integer" },
  casRequired: { type: "boolean" },
  deleteVersionAfter: { type: "integer" },
  data: { type: { map: "string" } },
};

const rules: PropertyRules = {
  mount: { type: "string", required: true, replace: true, same: isSamePath },
  name: { type: "string", required: true, replace: true },
  dataJson: { type: "string", required: true, secret: true, same: isSameJson, fault: dataFault },
  cas: { type: "integer" },
  options: { type: { map: "string" } },
  customMetadata: { type: { object: metadataRules } },
  disableRead: { type: "boolean", default: false },
  deleteAllVersions: { type: "boolean", default: false },
};

/**
 * A secret of the same name on another mount: the official provider takes the name for the identity and deletes first.
 */
function diffByName({ oldInputs, news }: DiffRequest): DiffResult {
  return { changes: structuralDiff(oldInputs, news, rules), deleteBeforeReplace: oldInputs["name"] === news["name"] };
}

function dataFault(text: unknown): string | undefined {
  try {
    if (isObject(JSON.parse(String(text)) as Json)) return undefined;
  } catch {
    // Not JSON at all: the same fault. The parser's message would quote the secret.
  }
  return "must be the JSON text of an object, got something else; use JSON.stringify";
}

function pathOf(inputs: JsonObject, part: "data" | "metadata"): string {
  return `${trimmedPath(inputs["mount"])}/${part}/${textAt(inputs, "name")}`;
}

function metadataBody({ data, ...settings }: JsonObject): JsonObject {
  const body = Object.entries(settings).map(([key, value]): [string, Json] => [wireName(key), value]);
  return { ...Object.fromEntries(body), ...(data === undefined ? {} : { custom_metadata: data }) };
}

async function live(
  vault: VaultSession,
  id: string,
  inputs: JsonObject,
  context: OperationContext,
): Promise<JsonObject | undefined> {
  const [, mount, name] = /^(.+?)\/data\/(.+)$/.exec(id) ?? [];
  if (mount === undefined || name === undefined) throw new Error(`${id}: is no path of a version 2 secret`);
  const known = { path: id, mount, name };
  if (inputs["disableRead"] === true) return known;
  const secret = await vault.read(id, context);
  if (secret === undefined) return undefined;
  const metadata = isObject(secret["metadata"]) ? secret["metadata"] : {};
  const custom = await vault.read(`${mount}/metadata/${name}`, context);
  return { ...known, data: {}, metadata: texts(metadata), customMetadata: customMetadataOf(custom ?? {}) };
}

function customMetadataOf(found: JsonObject): JsonObject {
  const settings = withSeconds({
    maxVersions: found["max_versions"] ?? 0,
    casRequired: found["cas_required"] ?? false,
    deleteVersionAfter: found["delete_version_after"] ?? 0,
  });
  return { ...settings, data: found["custom_metadata"] ?? {} };
}

function texts(values: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => [key, typeof value === "string" ? value : JSON.stringify(value)]),
  );
}
