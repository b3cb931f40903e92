import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { run } from "../command.ts";
import { cacheDirectory } from "../paths.ts";
import { toolNamed, type Tool, type ToolName } from "./tools.ts";

/** The version of Go and the machine it builds for, as they go into every key. */
export type GoIdentity = string;

/**
 * Asks the `go` on PATH what it is.
 * @returns Version, operating system and architecture in one string.
 */
export async function goIdentity(): Promise<GoIdentity> {
  // In a tool's folder, so that a toolchain that go.mod asks for and Go downloads is the one that is named.
  const said = await run(["go", "env", "GOVERSION", "GOOS", "GOARCH"], { cwd: toolNamed("pulumi").directory });
  return said.trim().split("\n").join("-");
}

/**
 * The folder of a built tool; it exists exactly when the build was completed.
 * @param tool The tool.
 * @param go What it is built with.
 * @returns An absolute path that ends in a key of everything the build depends on.
 */
export function toolDirectory(tool: Tool, go: GoIdentity): string {
  return path.join(cacheDirectory, "tools", `${tool.name}-${buildKey(tool, go)}`);
}

/**
 * The path of a tool's binary, whether or not it has been built.
 * @param name Name of the tool.
 * @param go What it is built with.
 * @returns An absolute path.
 */
export function toolBinary(name: ToolName, go: GoIdentity): string {
  return path.join(toolDirectory(toolNamed(name), go), name);
}

/**
 * Which of the tools have not been built yet.
 * @param names The tools in question.
 * @param go What they are built with.
 * @returns Their names.
 */
export function missingTools(names: readonly ToolName[], go: GoIdentity): ToolName[] {
  return names.filter((name) => !existsSync(toolDirectory(toolNamed(name), go)));
}

function buildKey(tool: Tool, go: GoIdentity): string {
  const hash = createHash("sha256").update(JSON.stringify([go, tool.package, tool.stamps]));
  for (const file of sourceFiles(tool.directory)) {
    hash.update(`\0${file}\0`).update(readFileSync(path.join(tool.directory, file)));
  }
  return hash.digest("hex").slice(0, 16);
}

function sourceFiles(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter(
      (entry) => entry.isFile() && /(\.go|^go\.mod|^go\.sum)$/.test(entry.name) && !entry.name.endsWith("_test.go"),
    )
    .map((entry) => path.relative(directory, path.join(entry.parentPath, entry.name)))
    .sort();
}
