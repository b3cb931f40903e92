import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { resources } from "../../../protocol/door.ts";
import { graphOfPreview } from "../../support/graph-of-preview.ts";
import { temporaryFolder } from "../../../sandbox/test/support/temporary-folder.ts";

/**
 * The text that Pulumi stores of a dynamic resource, and what it leads to, each in a process of its own as the engine
 * runs it. That states of before go on working is for the live tests.
 */

const repository = join(import.meta.dirname, "..", "..", "..");
let stored: string;

beforeAll(async () => {
  const { resources: made } = await graphOfPreview({ program: "probe", preview: true });
  stored = String(made.find(({ inputs }) => "__provider" in inputs)?.inputs["__provider"]);
});

/** What a method of the stored text gives in a process that works in a folder. */
function called(folder: string, method: string, ...args: readonly unknown[]): unknown {
  return calledIn(stored, folder, method, ...args);
}

function calledIn(text: string, folder: string, method: string, ...args: readonly unknown[]): unknown {
  const program = `
    const module_ = new (require("node:module"))("stored");
    module_._compile(${JSON.stringify(text)}, process.cwd() + "/stored.cjs");
    module_.exports.handler().${method}(...${JSON.stringify(args)}).then(
      (value) => console.log(JSON.stringify({ value })),
      (error) => console.log(JSON.stringify({ error: error.message })),
    );`;
  const output = execFileSync(process.execPath, ["-e", program], { cwd: folder, encoding: "utf8" });
  return JSON.parse(output.trim().split("\n").at(-1) ?? "");
}

/** A program's folder, in which a package of this project's name answers for every method with what it was given. */
function dependent(...path: readonly string[]): string {
  const methods = ["check", "diff", "create", "update", "read", "delete_"];
  const answers = methods.map((name) => `${name}: async (...args) => ({ called: "${name}", args })`).join(", ");
  const folder = temporaryFolder({
    "node_modules/vaultstack/package.json": JSON.stringify({ type: "module", exports: { "./protocol": "./door.js" } }),
    "node_modules/vaultstack/door.js": `export const resources = { "vault:Quorum": { ${answers} } };`,
    "infrastructure/Pulumi.yaml": "name: program",
  });
  return join(folder, ...path);
}

describe("the text that a state holds of a dynamic resource", () => {
  const kept = (name: string): string => readFileSync(join(import.meta.dirname, name), "utf8");

  test("is this one: what a state holds must go on working for as long as the state is there", () => {
    expect(stored).toBe(kept("stored-text.txt"));
  });

  test("works in the form that the SDK serialised before", () => {
    const text = kept("serialised-text.txt");
    expect(calledIn(text, dependent(), "diff", "id", 1, 2)).toEqual({ value: { called: "diff", args: ["id", 1, 2] } });
    expect(calledIn(text, dependent(), "delete", "id", 1)).toEqual({});
  });

  test("calls the namesake of each method, with what it was given, in a program that depends on this project", () => {
    const folder = dependent();
    expect(called(folder, "check", 1, 2)).toEqual({ value: { called: "check", args: [1, 2] } });
    expect(called(folder, "diff", "id", 1, 2)).toEqual({ value: { called: "diff", args: ["id", 1, 2] } });
    expect(called(folder, "create", 1)).toEqual({ value: { called: "create", args: [1] } });
    expect(called(folder, "update", "id", 1, 2)).toEqual({ value: { called: "update", args: ["id", 1, 2] } });
    expect(called(folder, "read", "id", 1)).toEqual({ value: { called: "read", args: ["id", 1] } });
  });

  test("finds the project from a folder below the one it is installed in", () => {
    expect(called(dependent("infrastructure"), "create", 1)).toEqual({ value: { called: "create", args: [1] } });
  });

  test("deletes without an answer", () => {
    expect(called(dependent(), "delete", "id", 1)).toEqual({});
  });

  test("refuses an import, for which the engine has no properties", () => {
    expect(called(dependent(), "read", "id")).toEqual({
      error: expect.stringContaining("cannot be imported") as string,
    });
  });

  test("finds this project from its own folder", () => {
    const { value } = called(repository, "check", {}, {}) as { value: { failures: { property: string }[] } };
    expect(value.failures.map(({ property }) => property)).toContain("clusterId");
  });
});

describe("behind the door", () => {
  const differs = async (before: object, now: object): Promise<boolean | undefined> => {
    const inputs = { data: [], protocolVersion: 1 };
    return (await resources["stack:DataGuard"].diff("id", { ...inputs, ...before }, { ...inputs, ...now })).changes;
  };

  test("a state whose text is missing, or is of before there was a door, asks for an update", async () => {
    expect(await differs({}, { __provider: stored })).toBe(true);
    expect(await differs({ __provider: "components/vault/protocol/" }, { __provider: stored })).toBe(true);
  });

  test("other text that leads through it does not, nor does text that is not known yet", async () => {
    expect(await differs({ __provider: `${stored}\n` }, { __provider: stored })).toBe(false);
    expect(await differs({ __provider: stored }, {})).toBe(false);
  });
});

describe("where states of before there was a door look", () => {
  const inVault = [
    "admin-access",
    "data-guard",
    "database-login",
    "departure",
    "init",
    "login-bounds",
    "login-group",
    "login-makers",
  ];
  const more = ["postgres-ready", "quorum", "rekey", "remains-role", "role-leases", "served-certificate", "unseal"];
  test.each([
    ...[...inVault, ...more].map((name) => `components/vault/protocol/${name}-resource.ts`),
    ...["rollout-targets", "sync"].map(
      (name) => `components/vault/protocol/../../delivery/protocol/${name}-resource.ts`,
    ),
  ])("%s is what it was", async (path) => {
    const found: unknown = await import(pathToFileURL(join(repository, path)).href);
    const methods = ["check", "diff", "create", "update", "read", "delete_"];
    expect(found).toMatchObject(Object.fromEntries(methods.map((name) => [name, expect.any(Function) as unknown])));
  });
});
