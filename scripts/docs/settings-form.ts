import { z } from "zod";
import type { Setting } from "../../stacks/settings/setting.ts";

/** As much of JSON schema as settings use. */
export interface Form {
  readonly type?: string;
  readonly const?: string | number | boolean;
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, Form>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Form | boolean;
  readonly items?: Form;
  readonly oneOf?: readonly Form[];
  readonly anyOf?: readonly Form[];
}

/** The form of what a stack file may hold for a setting. */
export function formOf({ schema }: Setting): Form {
  // What JSON schema cannot say, such as that a name must be a host's, the program says itself.
  const form = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
  // The form is part of a schema that states this itself.
  delete form.$schema;
  return form as Form;
}

/**
 * Writes a form as people read it: parts that may be left out have a question mark or the value that they then have.
 * @returns One line for each kind.
 */
export function readableForms(form: Form): string[] {
  const kinds = form.oneOf ?? form.anyOf;
  return kinds === undefined ? [readable(form)] : kinds.map(readable);
}

function readable(form: Form): string {
  const kinds = form.oneOf ?? form.anyOf;
  if (kinds !== undefined) return kinds.map(readable).join(" | ");
  if (form.const !== undefined) return String(form.const);
  if (form.enum !== undefined) return form.enum.map(String).join(" | ");
  if (form.type === "array") return `[${form.items === undefined ? "…" : readable(form.items)}, …]`;
  if (form.type !== "object") return form.type === "string" ? "text" : (form.type ?? "any value");
  if (form.properties !== undefined) return `{${Object.entries(form.properties).map(part(form)).join(", ")}}`;
  const values = form.additionalProperties;
  return typeof values === "object" ? `{<name>: ${readable(values)}, …}` : "{…}";
}

function part({ required = [] }: Form): (entry: readonly [string, Form]) => string {
  return ([name, form]) => {
    if (form.const !== undefined) return `${name}: ${String(form.const)}`;
    const isOptional = !required.includes(name) && form.default === undefined;
    const value = readable(form);
    // Alternatives of a part are told from those of the whole.
    const shown = value.includes(" | ") && !value.startsWith("[") ? `(${value})` : value;
    const unless = form.default === undefined ? "" : ` = ${JSON.stringify(form.default)}`;
    return `${name}${isOptional ? "?" : ""}: ${shown}${unless}`;
  };
}
