/**
 * What is generated from the settings: their page, the schema with which editors complete stack files, and the engine's
 * list.
 */
import { stringify } from "yaml";
import { project, type Setting, type SettingsByName, typeOf } from "../../stacks/settings/setting.ts";
import { formOf, readableForms } from "./settings-form.ts";

/**
 * Renders the page of all settings.
 * @returns Markdown, still to be formatted.
 */
export function renderSettingsPage(areas: Readonly<Record<string, SettingsByName>>): string {
  const parts = Object.entries(areas).map(([heading, settings]) =>
    [`## ${heading}`, ...Object.entries(settings).map(([name, setting]) => settingSection(name, setting))].join("\n\n"),
  );
  return [
    "# Settings",
    "<!-- Written by `npm run docs` from stacks/settings; do not edit. -->",
    "Settings stand in the stack's file, `Pulumi.<stack>.yaml`, as `vaultstack:<name>`. Set one with `pulumi config set <name> <value>`, a part of one with `pulumi config set --path <name>.<part> <value>`, and one that is secret with `--secret`. All faults are told at once, before anything is contacted; a setting that is not described here is refused. An editor that knows YAML schemas completes and checks the file by [settings.schema.json](../settings.schema.json), which its first line names.",
    "In the forms below a part with a question mark may be left out, and one with `=` is that unless it is set.",
    ...parts,
    "",
  ].join("\n\n");
}

function settingSection(name: string, setting: Setting): string {
  const { description, examples = [], secret = false } = setting;
  const form = formOf(setting);
  const forms = readableForms(form);
  const isPlain = forms.length === 1 && ["text", "integer", "boolean"].includes(forms[0] ?? "");
  return [
    `### ${name}`,
    secret ? `Secret: it is stored encrypted and never shown. ${description}` : description,
    `Unless it is set: \`${JSON.stringify(setting.default)}\``,
    ...(isPlain || secret ? [] : [forms.map((line) => `- \`${line}\``).join("\n")]),
    ...examples.map((value) => ["```yaml", example(name, value), "```"].join("\n")),
  ].join("\n\n");
}

function example(name: string, value: unknown): string {
  return stringify({ [`${project}:${name}`]: value }, { lineWidth: 0 }).trimEnd();
}

/** A value from the engine's command line is text, whatever it means. */
const asText = { integer: String.raw`^-?\d+$`, boolean: "^(true|false)$" } as const;

/** Renders the schema of stack files. */
export function settingsSchema(settings: SettingsByName): object {
  const properties = Object.entries(settings).map(([name, setting]) => [`${project}:${name}`, property(setting)]);
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: `Settings of a stack of ${project}`,
    type: "object",
    properties: {
      config: {
        type: "object",
        properties: Object.fromEntries(properties) as object,
        patternProperties: { [`^(?!${project}:)`]: {} },
        additionalProperties: false,
      },
    },
  };
}

function property(setting: Setting): object {
  const { description, examples, secret = false } = setting;
  const about = { description, default: setting.default, ...(examples !== undefined && { examples }) };
  // Encrypted as a whole or in parts, and plain where it is empty.
  if (secret) return { ...about, type: ["string", "object"] };
  const form = formOf(setting);
  const type = typeOf(setting.schema);
  if (type !== "integer" && type !== "boolean") return { ...form, ...about };
  return { ...about, anyOf: [form, { type: "string", pattern: asText[type] }] };
}

/**
 * Renders the list of settings of the project's file, which the engine takes types and defaults from.
 * @returns The part `config` of Pulumi.yaml, with its comment.
 */
export function renderProjectConfig(settings: SettingsByName): string {
  const config = Object.fromEntries(
    Object.entries(settings).map(([name, { schema, description, secret = false, default: value }]) => {
      const [short = ""] = description.split(/(?<=\.)\s/);
      const type = typeOf(schema);
      const items = type === "array" ? { items: { type: "string" } } : {};
      return [name, { type, ...items, default: value, description: secret ? `Secret. ${short}` : short }];
    }),
  );
  const head = "# Written by `npm run docs` from stacks/settings: docs/settings.md says more of each.";
  return `${head}\n${stringify({ config }, { lineWidth: 120 })}`;
}
