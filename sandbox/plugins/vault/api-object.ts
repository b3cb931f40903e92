import type { Json, JsonObject } from "../shared/property.ts";
import type { OperationContext, OutputRule, ResourceType } from "../shared/provider.ts";
import type { PropertyRules } from "../shared/schema.ts";
import type { VaultSession } from "./vault-session.ts";

/**
 * An object of Vault's API that is written whole to a path and read back from it. Field names are those of the API in
 * camel case.
 */
export interface ApiObject {
  /** Inputs that are fields of the object. */
  readonly fields: PropertyRules;
  /** Inputs that make up the path. */
  readonly address: PropertyRules;
  /** The path, which is also the id. */
  readonly path: (inputs: JsonObject) => string;
  /** The address inputs of a path; undefined when it is no path of this type. */
  readonly parse: (path: string) => JsonObject | undefined;
  /** Fields that Vault never returns. @default - none */
  readonly writeOnly?: readonly string[];
  /** Fields Vault refuses to be sent again once the object exists, unless they change. @default - none */
  readonly createOnly?: readonly string[];
  /** Fields Vault fills in by itself when the program does not. @default - none */
  readonly computed?: readonly string[];
  /** Outputs beside the fields. @default - none */
  readonly outputs?: Readonly<Record<string, OutputRule>>;
  /**
   * Turns a body, by the API's names, into what Vault takes, for fields that are written differently than they read.
   * @default - as it is
   */
  readonly toVault?: (body: JsonObject) => JsonObject;
  /**
   * Turns the data Vault returned into outputs, for fields that read differently than they are written.
   * @default - as they are
   */
  readonly fromVault?: (outputs: JsonObject) => JsonObject;
  /** Inputs that belong to the companion. @default - none */
  readonly companionInputs?: PropertyRules;
  /** What is written and read besides the object itself. @default - nothing */
  readonly companion?: Companion;
  /** Whether the write may meet an engine that is still being set up. @default false */
  readonly repeatWhileUpgrading?: boolean;
  /** Whether Vault has a delete for it; without one it stays until its mount goes. */
  readonly deletable: boolean;
}

/** A second path that belongs to an object. */
interface Companion {
  readonly write: (
    path: string,
    inputs: JsonObject,
    olds: JsonObject,
    vault: VaultSession,
    context: OperationContext,
  ) => Promise<void>;
  readonly read: (path: string, vault: VaultSession, context: OperationContext) => Promise<JsonObject>;
}

/** The resource type of an API object. Creating it overwrites what is at the path, as the official provider does. */
export function apiObject(object: ApiObject, vault: () => VaultSession): ResourceType {
  const read = async (id: string, context: OperationContext): Promise<JsonObject | undefined> => {
    const data = await vault().read(id, context);
    if (data === undefined) return undefined;
    const further = await object.companion?.read(id, vault(), context);
    const address = object.parse(id);
    if (address === undefined) throw new Error(`${id}: is no path of this type of resource`);
    return { ...address, ...outputsOf(object, data), ...further };
  };
  const write = async (
    id: string,
    inputs: JsonObject,
    olds: JsonObject,
    context: OperationContext,
  ): Promise<JsonObject> => {
    const plain = bodyOf(object, inputs, olds);
    const body = object.toVault?.(plain) ?? plain;
    await (object.repeatWhileUpgrading === true
      ? vault().writeOnceReady(id, body, context)
      : vault().write(id, body, context));
    await object.companion?.write(id, inputs, olds, vault(), context);
    const outputs = await read(id, context);
    if (outputs === undefined) throw new Error(`${id}: is gone right after it was written`);
    return { ...inputs, ...outputs };
  };
  return {
    inputs: { ...object.address, ...object.fields, ...object.companionInputs },
    outputs: { ...Object.fromEntries((object.computed ?? []).map((key) => [key, {}])), ...object.outputs },
    create: async (inputs, context) => {
      const id = object.path(inputs);
      return { id, outputs: await write(id, inputs, {}, context) };
    },
    read: async ({ id }, context) => {
      const outputs = await read(id, context);
      return outputs && { id, outputs };
    },
    update: ({ id, news, oldInputs }, context) => write(id, news, oldInputs, context),
    delete: async ({ id }, context) => {
      if (object.deletable) await vault().remove(id, context);
    },
  };
}

/** The API's name of a property. */
export function wireName(property: string): string {
  return property.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** The fields given, and a zero value for those that were given before: leaving one out would keep it. */
function bodyOf({ fields, createOnly }: ApiObject, inputs: JsonObject, olds: JsonObject): JsonObject {
  const isKept = (key: string): boolean => createOnly?.includes(key) === true && inputs[key] === olds[key];
  const entries = Object.entries(fields).flatMap(([key, rule]): [string, Json][] => {
    if (isKept(key)) return [];
    const value = inputs[key] ?? (olds[key] === undefined ? undefined : zeroOf(rule.type));
    return value === undefined ? [] : [[wireName(key), value]];
  });
  return Object.fromEntries(entries);
}

function outputsOf({ fields, writeOnly, fromVault }: ApiObject, data: JsonObject): JsonObject {
  const told = Object.keys(fields).filter((key) => writeOnly?.includes(key) !== true);
  const outputs = Object.fromEntries(
    told.flatMap((key): [string, Json][] => {
      const value = data[wireName(key)];
      return value === undefined ? [] : [[key, value]];
    }),
  );
  return fromVault === undefined ? outputs : fromVault(outputs);
}

function zeroOf(type: PropertyRules[string]["type"]): Json {
  if (type === "string") return "";
  if (type === "boolean") return false;
  if (typeof type === "object") return "list" in type ? [] : {};
  return 0;
}
