import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { run } from "../command.ts";
import { cacheDirectory } from "../paths.ts";
import { toolNamed, type Tool, type ToolName } from "./tools.ts";

/** The version of Go and the machine it builds for, as they go into every key. */
export type GoIdentity = string;

/** How much of a hash a folder is named by. */
export const keyLength = 16;

/** One folder per tool and key. */
export const cachedTools = path.join(cacheDirectory, "tools");

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
 * @returns An absolute path that ends in a key of everything the build depends on.
 */
export function toolDirectory(tool: Tool, go: GoIdentity): string {
  return path.join(cachedTools, `${tool.name}-${buildKey(tool, go)}`);
}

/** The path of a tool's binary, whether or not it has been built. */
export function toolBinary(name: ToolName, go: GoIdentity): string {
  return path.join(toolDirectory(toolNamed(name), go), name);
}

/** Which of the tools have not been built yet. */
export function missingTools(names: readonly ToolName[], go: GoIdentity): ToolName[] {
  return names.filter((name) => !existsSync(toolDirectory(toolNamed(name), go)));
}

/**
 * Removes what earlier pins of these tools have left in the cache. A tool that is not built as it should be now keeps
 * what it has, and builds under way are left alone.
 * @param current Folders of the tools as they should be now, as `toolDirectory` gives them.
 */
export function removeEarlierBuilds(current: readonly string[]): void {
  for (const directory of current.filter((candidate) => existsSync(candidate))) {
    const [cache, name] = [path.dirname(directory), path.basename(directory)];
    const build = new RegExp(`^${name.slice(0, -keyLength)}[0-9a-f]{${keyLength}}$`);
    for (const other of readdirSync(cache).filter((candidate) => candidate !== name && build.test(candidate))) {
      rmSync(path.join(cache, other), { recursive: true });
    }
  }
}

function buildKey(tool: Tool, go: GoIdentity): string {
  const hash = createHash("sha256").update(
    JSON.stringify([go, tool.package, tool.stamps, ...[tool.keep, tool.keepFrom].filter((kept) => kept !== undefined)]),
  );
  for (const file of sourceFiles(tool.directory)) {
    hash.update(`\0${file}\0`).update(readFileSync(path.join(tool.directory, file)));
  }
  return hash.digest("hex").slice(0, keyLength);
}

function sourceFiles(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter(
      (entry) => entry.isFile() && /(\.go|^go\.mod|^go\.sum)$/.test(entry.name) && !entry.name.endsWith("_test.go"),
    )
    .map((entry) => path.relative(directory, path.join(entry.parentPath, entry.name)))
    .sort();
}
