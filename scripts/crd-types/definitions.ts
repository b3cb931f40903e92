import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";

/**
 * The part of a JSON schema that the operator's definitions use. A keyword beyond it is an error, so that none is lost.
 */
export interface Schema {
  readonly type: "object" | "array" | "string" | "boolean" | "integer" | "number";
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema;
  readonly items?: Schema;
  readonly enum?: readonly string[];
  readonly default?: unknown;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
}

/** One kind of custom resource. */
export interface Definition {
  readonly kind: string;
  readonly apiVersion: string;
  readonly spec: Schema;
}

const schema: z.ZodType<Schema> = z.lazy(() =>
  z.strictObject({
    type: z.enum(["object", "array", "string", "boolean", "integer", "number"]),
    // Prose and hints for tools; what a value may be stands in the other keywords.
    description: z.string().optional(),
    format: z.string().optional(),
    properties: z.record(z.string(), schema).optional(),
    required: z.array(z.string()).optional(),
    additionalProperties: schema.optional(),
    items: schema.optional(),
    enum: z.array(z.string()).optional(),
    default: z.unknown().optional(),
    pattern: z.string().optional(),
    minimum: z.number().optional(),
    maximum: z.number().optional(),
  }),
) as z.ZodType<Schema>;

const definition = z.object({
  spec: z.object({
    group: z.string(),
    names: z.object({ kind: z.string() }),
    versions: z.tuple([
      z.object({
        name: z.string(),
        schema: z.object({ openAPIV3Schema: z.object({ properties: z.object({ spec: schema }) }) }),
      }),
    ]),
  }),
});

/** The kinds of the operator that concern Vault; it has two more, for another product. */
const kinds: ReadonlySet<string> = new Set([
  "SecretTransformation",
  "VaultAuth",
  "VaultAuthGlobal",
  "VaultConnection",
  "VaultDynamicSecret",
  "VaultPKISecret",
  "VaultStaticSecret",
]);

/**
 * Reads the definitions of a folder.
 * @param folder Folder of the definitions, one per file.
 * @returns Those that concern Vault, by kind.
 * @throws {Error} When one of them says something this reader does not know.
 */
export function readDefinitions(folder: string): Definition[] {
  return readdirSync(folder)
    .sort()
    .map((file) => definition.parse(parse(readFileSync(join(folder, file), "utf8"))))
    .filter(({ spec }) => kinds.has(spec.names.kind))
    .map(({ spec: { group, names, versions } }) => ({
      kind: names.kind,
      apiVersion: `${group}/${versions[0].name}`,
      spec: versions[0].schema.openAPIV3Schema.properties.spec,
    }));
}
