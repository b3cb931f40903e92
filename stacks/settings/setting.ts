/**
 * One setting: what values it may have, its default, and what people are told about it. Written once, in its area.
 */
import { z } from "zod";

/** What people are told about a setting, and its default. */
interface About<Value> {
  /** What it is, in whole sentences; the first is the short description. */
  readonly description: string;
  /** Its value in a stack that does not set it, as a stack file would have it. */
  readonly default: Value;
  /** Values as written in stack files: one for each kind where there are kinds. @default - none */
  readonly examples?: readonly Value[];
  /** Whether it is never shown, and must be stored encrypted where it is not empty. @default false */
  readonly secret?: boolean;
}

/** A setting of a stack, with the schema that its value must meet. */
export interface Setting<Schema extends z.ZodType = z.ZodType> extends About<unknown> {
  readonly schema: Schema;
}

/** Settings by name. */
export type SettingsByName = Readonly<Record<string, Setting>>;

/** The values of settings. */
export type Parsed<Settings extends SettingsByName> = {
  readonly [Name in keyof Settings]: z.infer<Settings[Name]["schema"]>;
};

/**
 * Declares a setting.
 *
 * Each message of the schema reads `<what must hold>; <what to do>`, so that the value can be put between the two.
 * @param about What people are told; checked against the schema.
 */
export function setting<Schema extends z.ZodType>(schema: Schema, about: About<z.input<Schema>>): Setting<Schema> {
  return { schema, ...about };
}

/** The type of a value for the engine, which hands over every value as text. */
export type SettingType = "string" | "integer" | "boolean" | "array" | "object";

/**
 * The type that the value of a schema has for the engine.
 * @returns Its type; the type of the input where the schema transforms it.
 */
export function typeOf(schema: z.ZodType): SettingType {
  if (schema instanceof z.ZodPipe) return typeOf(schema.in as z.ZodType);
  if (schema instanceof z.ZodString || schema instanceof z.ZodEnum) return "string";
  if (schema instanceof z.ZodNumber) return "integer";
  if (schema instanceof z.ZodLiteral) return [...schema.values].every(isNumber) ? "integer" : "string";
  if (schema instanceof z.ZodBoolean) return "boolean";
  return schema instanceof z.ZodArray ? "array" : "object";
}

/**
 * Reads a value from the text that the engine hands over.
 * @returns The value; the text itself if it is not of that type, for the schema to refuse.
 */
export function fromText(type: SettingType, text: string): unknown {
  if (type === "string") return text;
  if (type === "integer") return /^-?\d{1,15}$/.test(text) ? Number(text) : text;
  if (type === "boolean") return text === "true" || text === "false" ? text === "true" : text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** What the keys of all settings begin with, before a colon. */
export const project = "vaultstack";

function isNumber(value: unknown): value is number {
  return typeof value === "number";
}
