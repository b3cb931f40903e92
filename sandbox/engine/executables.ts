import {
  chmodSync,
  copyFileSync,
  existsSync,
  linkSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import type { EngineLayout } from "./layout.ts";

/** Executables built for the sandbox, by the name they get on PATH, with absolute paths. */
export type ToolPaths = Readonly<Record<string, string>> & { readonly pulumi: string };

/** The pinned Node of a checkout; the machine's own may be too old for the SDK. */
export function pinnedNode(project: string): string {
  return join(project, "node_modules", ".bin", "node");
}

/** Puts the engine, its language host and the tools into the folder that goes first on PATH. */
export function placeExecutables(layout: EngineLayout, tools: ToolPaths): void {
  const { pulumi, ...others } = tools;
  // The engine looks for its language host beside its own binary, after following symbolic links: only a real file in
  // this folder finds ours without a warning.
  placeBinary(pulumi, join(layout.bin, "pulumi"));
  for (const [name, target] of Object.entries({ ...others, node: pinnedNode(layout.project) })) {
    placeLink(target, join(layout.bin, name));
  }
  const node = pinnedNode(layout.project);
  const dynamicProvider = join(layout.project, "node_modules", "@pulumi", "pulumi", "cmd", "dynamic-provider");
  const languageHost = join(layout.project, "sandbox", "language-host", "main.ts");
  const endWithEngine = join(layout.project, "sandbox", "engine", "end-with-engine.ts");
  placeScript(join(layout.bin, "pulumi-language-nodejs"), nodeWrapper(node, languageHost, { before: endWithEngine }));
  placeScript(
    join(layout.bin, "pulumi-resource-pulumi-nodejs"),
    nodeWrapper(node, dynamicProvider, { before: endWithEngine }),
  );
}

/** What a file of the checkout is run with. */
interface RunWith {
  /** A module to load first. @default - none */
  readonly before?: string;
  /** Arguments before those it is called with. @default - none */
  readonly args?: readonly string[];
}

/** Text of an executable that runs a file of the checkout with the pinned Node. */
export function nodeWrapper(node: string, file: string, { before, args = [] }: RunWith = {}): string {
  const loaded = before === undefined ? [] : ["--import", pathToFileURL(before).href];
  const command = [node, ...loaded, file, ...args];
  return `#!/bin/sh\nexec ${command.map(quoted).join(" ")} "$@"\n`;
}

/** Writes an executable unless it is there with the same text already: a running engine may be reading it. */
export function placeScript(path: string, text: string): void {
  if (existsSync(path) && readFileSync(path, "utf8") === text) return;
  rmSync(path, { force: true });
  writeFileSync(path, text);
  chmodSync(path, 0o755);
}

/** Makes `path` a symbolic link to `target`. */
export function placeLink(target: string, path: string): void {
  if (linkTarget(path) === target) return;
  rmSync(path, { force: true });
  symlinkSync(target, path);
}

/** Puts a large file in place as a hard link, or as a copy where the two folders are on different file systems. */
function placeBinary(source: string, path: string): void {
  const wanted = statSync(source);
  const present = statSync(path, { throwIfNoEntry: false });
  if (present?.ino === wanted.ino && present.dev === wanted.dev) return;
  // A copy on another file system is told by its size, and by being younger than what it was copied from.
  if (present && present.dev !== wanted.dev && present.size === wanted.size && present.mtimeMs >= wanted.mtimeMs) {
    return;
  }
  const next = `${path}.next`;
  rmSync(next, { force: true });
  try {
    linkSync(source, next);
  } catch {
    copyFileSync(source, next);
  }
  renameSync(next, path);
}

function linkTarget(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
