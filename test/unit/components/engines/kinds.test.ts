import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import ts from "typescript";
import { describe, expect, test } from "vitest";
import { loginKinds } from "../../../../components/access/logins/kinds.ts";
import { engineKinds, engineOf } from "../../../../components/engines/kinds.ts";
import { kvKind } from "../../../../components/engines/kv/kv-kind.ts";

/**
 * That the tables are whole and their entries fit together. That what they say is true of Vault is for the live tests.
 */

const engines = resolve("components/engines");
const logins = resolve("components/access/logins");
const kinds = [...loginKinds, ...engineKinds];

/** Components of a folder that mount something, by what they claim. */
function mounting(folder: string, claim: string): string[] {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));
  const sources = files.map((file) => readFileSync(join(folder, file), "utf8"));
  return sources
    .filter((source) => source.includes(`reservedNameFaults(this, "${claim}"`))
    .flatMap((source) => /export class (\w+)/.exec(source)?.[1] ?? []);
}

test("every engine component has its kind in the table, and no other is there", () => {
  expect(engineKinds.map(({ component }) => component).sort()).toEqual(mounting(engines, "secrets mount").sort());
});

test("every login method has its kind in the table, and no other is there", () => {
  expect(loginKinds.map(({ component }) => component).sort()).toEqual(mounting(logins, "auth mount").sort());
});

test("each engine is a folder with a kind of its name", () => {
  const folders = readdirSync(engines, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  expect(engineKinds.map(({ name }) => name).sort()).toEqual(folders.map(({ name }) => name).sort());
  for (const { name } of folders) expect(readdirSync(join(engines, name))).toContain(`${name}-kind.ts`);
});

test("a kind is free of resources, so that whoever reads the table declares nothing", () => {
  const files = readdirSync(resolve("components"), { recursive: true, encoding: "utf8" });
  const sources = files.filter((file) => file.endsWith("-kind.ts"));
  expect(sources.length).toBeGreaterThan(kinds.length - 1);
  for (const file of sources) expect(readFileSync(resolve("components", file), "utf8")).not.toContain("@pulumi/");
});

test("no two kinds read the same type, and those that name a path want the same of it", () => {
  const types = kinds.flatMap(({ access }) => Object.keys(access));
  expect(types).toEqual([...new Set(types)]);
  const rules = Map.groupBy(
    kinds.flatMap(({ adminRules }) => Object.entries(adminRules)),
    ([path]) => path,
  );
  for (const [path, same] of rules) expect(new Set(same.map(([, rule]) => rule)).size, path).toBe(1);
});

test.each([
  [{ type: "kv", options: { version: "2" } }, "kv"],
  [{ type: "kv", options: { version: "1" } }, "kv-v1"],
  [{ type: "kv", options: null }, "kv-v1"],
  [{ type: "database", options: null }, "database"],
  [{ type: "transit" }, "transit"],
  [{ type: "aws" }, undefined],
])("the mount %j is of the kind %s", (mount, name) => {
  expect(engineOf(mount)?.name).toBe(name);
});

/** Faults of the compiler by the line of a module that stands beside this test. */
function faultsByLine(lines: readonly string[]): Map<number, string[]> {
  const file = resolve(import.meta.dirname, "in-memory.ts");
  const { options } = ts.parseJsonConfigFileContent(
    ts.readConfigFile("tsconfig.json", (path) => ts.sys.readFile(path)).config,
    { ...ts.sys, readDirectory: () => [] },
    resolve("."),
  );
  const host = ts.createCompilerHost(options);
  const read = host.getSourceFile.bind(host);
  host.getSourceFile = (name, ...rest) =>
    name === file ? ts.createSourceFile(name, lines.join("\n"), ts.ScriptTarget.ES2024) : read(name, ...rest);
  const program = ts.createProgram([file], options, host);
  const faults = ts.getPreEmitDiagnostics(program).map((fault) => ({
    line: fault.file?.fileName === file ? fault.file.getLineAndCharacterOfPosition(fault.start ?? 0).line : -1,
    text: ts.flattenDiagnosticMessageText(fault.messageText, " "),
  }));
  return new Map(
    Array.from(
      Map.groupBy(faults, ({ line }) => line),
      ([line, at]) => [line, at.map(({ text }) => text)],
    ),
  );
}

describe("a kind", () => {
  test("that lacks one of its parts does not build", { timeout: 120_000 }, () => {
    const parts = Object.keys(kvKind);
    const module = "../../../../components/shared/mount-kind.ts";
    const faults = faultsByLine([
      `import type { EngineKind } from "${module}"; export const whole = (kind: EngineKind): EngineKind => kind;`,
      ...parts.map((part) => `export const no_${part} = (kind: Omit<EngineKind, "${part}">): EngineKind => kind;`),
    ]);
    expect([...faults.keys()].sort((a, b) => a - b)).toEqual(parts.map((_, index) => index + 1));
    for (const [index, part] of parts.entries()) {
      expect(faults.get(index + 1)?.join()).toContain(`'${part}' is missing`);
    }
    expect(parts).toEqual(expect.arrayContaining(["adminRules", "access", "atStake", "parts", "code"]));
  });
});
