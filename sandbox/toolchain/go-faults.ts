import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { attempt } from "../command.ts";
import { findProgram } from "../machine-programs.ts";
import { toolNamed, type ToolName } from "./tools.ts";

/** Checks that tools can be built with the `go` on PATH. */
export async function goFaults(names: readonly ToolName[]): Promise<string[]> {
  const needed = neededGoVersion(names);
  if (findProgram("go") === undefined) {
    return [`go: must be on PATH in version ${needed} or later, got none; see https://go.dev/doc/install`];
  }
  const said = await attempt(["go", "env", "GOVERSION", "GOTOOLCHAIN"]);
  const [version = "", toolchain = ""] = said.stdout.trim().split("\n");
  const found = version.replace(/^go/, "");
  if (compareVersions(found, needed) >= 0) return [];
  // From 1.21 on, Go downloads the version that a module asks for, unless it is told not to.
  if (compareVersions(found, "1.21.0") >= 0 && toolchain !== "local") return [];
  return [
    `go: must be version ${needed} or later, got ${found}; see https://go.dev/doc/install, or set GOTOOLCHAIN=auto`,
  ];
}

/** The highest version that any of the tools' modules asks for. */
function neededGoVersion(names: readonly ToolName[]): string {
  const versions = names
    .map((name) => path.join(toolNamed(name).directory, "go.mod"))
    .filter((file) => existsSync(file))
    .map((file) => /^go (\S+)$/m.exec(readFileSync(file, "utf8"))?.[1] ?? "0");
  return versions.sort(compareVersions).at(-1) ?? "0";
}

/**
 * Compares two versions of Go.
 * @param left For example 1.25.6, or 1.26rc1, which counts as 1.26.
 * @param right Another version.
 * @returns Less than, equal to or greater than 0.
 */
export function compareVersions(left: string, right: string): number {
  const [a, b] = [left, right].map((version) => version.split(".").map((part) => Number.parseInt(part, 10)));
  for (const index of [0, 1, 2]) {
    const difference = (a?.[index] ?? 0) - (b?.[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
