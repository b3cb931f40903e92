/** What is written from the settings. That the engine takes the types and defaults is shown by every live test. */
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { formOf, readableForms } from "../../../../scripts/docs/settings-form.ts";
import { renderProjectConfig, settingsSchema } from "../../../../scripts/docs/settings-reference.ts";
import { fromText, project, type Setting, typeOf } from "../../../../stacks/settings/setting.ts";
import { settings } from "../../../../stacks/settings/settings.ts";

const all = Object.entries<Setting>(settings);
const kindsOf = (value: unknown): string[] =>
  [...JSON.stringify(value).matchAll(/^\{"kind":"([^"]+)"/g)].map(([, kind = ""]) => kind);

describe.each(all)("the setting %s", (_name, setting) => {
  test("has a short description that is a sentence", () => {
    expect(setting.description).toMatch(/^[A-Z`].+\.$/);
  });

  test("has a default and examples that its schema takes, as a stack file has them", () => {
    for (const value of [setting.default, ...(setting.examples ?? [])]) {
      const text = typeof value === "string" ? value : JSON.stringify(value);
      const result = setting.schema.safeParse(fromText(typeOf(setting.schema), text));
      expect(result.error?.issues, text).toBeUndefined();
    }
  });

  test("has an example of each of its kinds", () => {
    const kinds = (formOf(setting).oneOf ?? []).map((form) => String(form.properties?.["kind"]?.const));
    const shown = (setting.examples ?? []).flatMap(kindsOf);
    // What was before the present seal has the kinds of a seal, and they are shown there.
    const expected = setting === settings.previousSeal ? ["none", "shamir"] : kinds;
    expect(expected.filter((kind) => !shown.includes(kind))).toEqual([]);
  });
});

describe("the list of the engine", () => {
  const { config } = parse(renderProjectConfig(settings)) as {
    config: Record<string, { type: string; default: unknown; description: string }>;
  };

  test("has each setting, and says of each secret one that it is secret", () => {
    expect(Object.keys(config)).toEqual(all.map(([name]) => name));
    const secret = all.filter(([, { secret: isSecret }]) => isSecret === true).map(([name]) => name);
    expect(secret.filter((name) => !config[name]?.description.startsWith("Secret. "))).toEqual([]);
    expect(secret).toContain("escrowPrivateKey");
  });
});

describe("the schema of stack files", () => {
  const schema = settingsSchema(settings) as {
    properties: { config: { properties: Record<string, object>; additionalProperties: boolean } };
  };

  test("knows each setting and refuses others of the project", () => {
    const { properties, additionalProperties } = schema.properties.config;
    expect(Object.keys(properties)).toEqual(all.map(([name]) => `${project}:${name}`));
    expect(additionalProperties).toBe(false);
  });

  test("takes numbers and yes or no as the command line writes them, as text", () => {
    const { properties } = schema.properties.config;
    expect(properties["vaultstack:secretShares"]).toMatchObject({ anyOf: [{ type: "integer" }, { type: "string" }] });
    expect(properties["vaultstack:adoptExisting"]).toMatchObject({ anyOf: [{ type: "boolean" }, { type: "string" }] });
  });
});

test("the form of a setting is one line for each kind, with what a part is unless it is set", () => {
  expect(readableForms(formOf(settings.demo)).map((line) => line.split(",")[0])).toEqual([
    "{kind: none}",
    "{kind: sample",
  ]);
  expect(readableForms(formOf(settings.raftNodes))).toEqual(["3 | 5 | 7"]);
});
