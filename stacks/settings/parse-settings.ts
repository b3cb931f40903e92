import { z } from "zod";
import { fault, hidden } from "../../shared/errors.ts";
import { accessFaults } from "./access.ts";
import { agentFaults } from "./agents.ts";
import { certificateFaults } from "./certificate.ts";
import { closestSetting } from "./closest-setting.ts";
import { consumerFaults } from "./consumers.ts";
import { databaseFaults } from "./database.ts";
import { demoFaults } from "./demo.ts";
import { jwtFaults } from "./jwt.ts";
import { keyFaults } from "./keys.ts";
import { ldapFaults } from "./ldap.ts";
import { namespaceFaults } from "./namespaces.ts";
import { networkFaults } from "./network.ts";
import { passthroughFaults } from "./passthrough.ts";
import { sealFaults } from "./seal.ts";
import { serverFaults } from "./server.ts";
import { fromText, project, type Setting, typeOf } from "./setting.ts";
import { formerSettings, settings, type SettingName, type Settings } from "./settings.ts";
import { storeFaults } from "./store.ts";

/** The settings as the engine hands them to the program. */
export interface RawSettings {
  /** All settings of all projects, by `<project>:<name>`; objects as JSON. */
  readonly values: Readonly<Record<string, string>>;
  /** Names of those that are stored encrypted, wholly or in part. */
  readonly secretNames: ReadonlySet<string>;
  /** Name of the stack, for the commands in faults. */
  readonly stack: string;
}

/** Either all settings or all faults. */
export type ParsedSettings =
  | { readonly settings: Settings; readonly faults: readonly [] }
  | { readonly settings: null; readonly faults: readonly string[] };

const providersWithoutDefault = ["kubernetes", "vault", "postgresql"];

const reference = "see docs/settings.md";

/**
 * Parses and checks all settings of a stack without looking at anything else.
 * @returns The settings, or every fault in them.
 */
export function parseSettings(raw: RawSettings): ParsedSettings {
  const parsed: Partial<Record<SettingName, unknown>> = {};
  const faults: string[] = [];
  for (const [name, setting] of Object.entries<Setting>(settings)) {
    const text = raw.values[`${project}:${name}`];
    const value = text === undefined ? setting.default : fromText(typeOf(setting.schema), text);
    const result = setting.schema.safeParse(value);
    if (result.success) parsed[name as SettingName] = result.data;
    else faults.push(...result.error.issues.map((issue) => settingFault(name, setting, value, issue)));
  }
  const partial = parsed as Partial<Settings>;
  faults.push(
    ...unknownFaults(raw),
    ...plaintextFaults(raw),
    ...keyFaults(partial, raw.stack),
    ...storeFaults(partial),
    ...ldapFaults(partial, raw.stack),
    ...consumerFaults(partial),
    ...agentFaults(partial),
    ...jwtFaults(partial),
    ...serverFaults(partial),
    ...sealFaults(partial, raw.stack),
    ...namespaceFaults(partial),
    ...certificateFaults(partial),
    ...networkFaults(partial),
    ...passthroughFaults(partial),
    ...accessFaults(partial),
    ...demoFaults(partial),
    ...databaseFaults(partial),
    ...defaultProviderFaults(raw),
  );
  return faults.length > 0 ? { settings: null, faults } : { settings: parsed as Settings, faults: [] };
}

function settingFault(name: string, { schema, secret }: Setting, value: unknown, issue: z.core.$ZodIssue): string {
  const path = [`${project}:${name}`, ...issue.path.map(String)].join(".");
  const got = secret === true ? hidden : partAt(value, issue.path);
  if (issue.code === "unrecognized_keys") {
    return fault(path, "must hold no other parts", issue.keys, `remove them; ${reference}`);
  }
  const type = typeOf(schema);
  if (typeof value === "string" && (type === "object" || type === "array")) {
    const remedy = `set its parts with \`pulumi config set --path\``;
    return fault(path, type === "object" ? "must be an object" : "must be a list", got, remedy);
  }
  const [must = "", remedy = reference] = issue.message.split("; ");
  return fault(path, must, got, remedy);
}

/** The part of a value that an issue is about, as it was written. */
function partAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let part = value;
  for (const key of path) part = (part as Record<PropertyKey, unknown> | undefined)?.[key];
  return part;
}

function unknownFaults({ values }: RawSettings): string[] {
  return Object.keys(values)
    .filter((key) => key.startsWith(`${project}:`) && !(key.slice(project.length + 1) in settings))
    .map((key) => {
      const name = key.slice(project.length + 1);
      const remove = `remove it with \`pulumi config rm ${key}\``;
      const now = formerSettings[name];
      // Not shown: it may be a secret under the wrong name.
      if (now !== undefined) return fault(key, `must be given as ${now}`, hidden, `set that and ${remove}`);
      const closest = closestSetting(name);
      const remedy = `${closest === null ? "" : `did you mean ${closest}? `}${remove}`;
      return fault(key, "must be a setting of docs/settings.md", hidden, remedy);
    });
}

function plaintextFaults({ values, secretNames, stack }: RawSettings): string[] {
  return Object.entries<Setting>(settings)
    .filter(([, { secret }]) => secret === true)
    .map(([name]) => `${project}:${name}`)
    .filter((key) => !["", "{}", undefined].includes(values[key]) && !secretNames.has(key))
    .map((key) =>
      fault(
        key,
        "must be stored encrypted",
        hidden,
        `set it with \`pulumi config set --stack ${stack} --secret ${key}\``,
      ),
    );
}

/** A default provider would take its cluster or its Vault from whatever the environment happens to point to. */
function defaultProviderFaults({ values }: RawSettings): string[] {
  const key = "pulumi:disable-default-providers";
  const disabled = values[key] ?? "[]";
  if (disabled.includes('"*"') || providersWithoutDefault.every((name) => disabled.includes(`"${name}"`))) return [];
  const remedy = "copy it from Pulumi.dev.yaml, so that nothing reaches a cluster by accident";
  return [fault(key, `must list ${providersWithoutDefault.join(", ")}`, values[key], remedy)];
}
