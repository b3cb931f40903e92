import { lookup } from "node:dns/promises";
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

import { attempt } from "../command.ts";
import { SandboxError } from "../faults.ts";
import { type RequiredPackage, requiredPackages } from "../language-host/required-packages.ts";
import { nodeWrapper, pinnedNode, placeLink, placeScript } from "./executables.ts";
import type { EngineLayout } from "./layout.ts";

/** Where a plugin in use comes from. */
type PluginOrigin = "yours" | "downloaded" | OurOrigin;

/** Official code built on this machine, or a program of this repository. */
type OurOrigin = "built" | "stand-in";

/** Official plugins that can be built from a registry, by the plugin's name: the binary. */
export type BuiltPlugins = Readonly<Record<string, string>>;

/** A provider plugin as it was put in place. */
export interface PlacedPlugin {
  readonly name: string;
  /** Without a leading `v`. */
  readonly version: string;
  readonly origin: PluginOrigin;
}

/** Marks a folder filled by us and says how; a download of the engine has none. */
const originFile = ".vaultstack-origin";
const downloadHost = "get.pulumi.com";
const downloadSeconds = 180;

/**
 * Puts every plugin the program needs where the engine looks, in this order: the user's own at the exact version, a
 * download, the one built here, the stand-in of this repository.
 *
 * One of the last two once in place stays until the user has the official plugin or the sandbox is removed, so that a
 * machine without internet tries to download once and not at every run.
 * @param env Environment of the sandbox's engine, used for the download.
 * @throws SandboxError when a plugin is to be had in none of these ways.
 */
export async function placePlugins(
  layout: EngineLayout,
  env: NodeJS.ProcessEnv,
  built: BuiltPlugins,
  ownPlugins: string = join(homedir(), ".pulumi", "plugins"),
): Promise<PlacedPlugin[]> {
  const folder = pluginsFolder(layout);
  mkdirSync(folder, { recursive: true });
  const placed = requiredPackages(layout.project).map((required) => ({
    required,
    origin: placeOwn(required, ownPlugins, folder) ?? placedOrigin(required, folder),
  }));
  let mayDownload = placed.some(({ origin }) => origin === undefined) && (await knowsDownloadHost(env));
  const plugins: PlacedPlugin[] = [];
  for (const { required, origin } of placed) {
    // One that fails says enough about the rest: they come from the same place.
    if (origin === undefined && mayDownload) mayDownload = await download(required, env);
    const official = origin === "yours" || origin === "downloaded" ? origin : undefined;
    const found = official ?? (mayDownload && origin === undefined ? "downloaded" : placeOurs(required, layout, built));
    plugins.push({ name: required.name, version: required.version.replace(/^v/, ""), origin: found });
  }
  return plugins;
}

/** The line that tells a person which plugins are at work. */
export function pluginLine(plugins: readonly PlacedPlugin[]): string {
  const words: Record<PluginOrigin, string> = {
    yours: "yours",
    downloaded: "downloaded",
    built: "built here from its public source",
    "stand-in": "stand-ins of this repository (official plugins of these versions in ~/.pulumi/plugins win)",
  };
  const groups = (["yours", "downloaded", "built", "stand-in"] as const).flatMap((origin) => {
    const names = plugins.filter((plugin) => plugin.origin === origin).map(({ name, version }) => `${name} ${version}`);
    return names.length === 0 ? [] : [`${names.join(", ")}: ${words[origin]}`];
  });
  return `provider plugins – ${groups.join("; ")}`;
}

function placeOwn(required: RequiredPackage, ownPlugins: string, folder: string): PluginOrigin | undefined {
  const own = pluginFolder(ownPlugins, required);
  if (!isComplete(own, required)) return undefined;
  const place = pluginFolder(folder, required);
  // The engine overlooks a plugin folder that is a link itself.
  markedFolder(place, "yours");
  for (const entry of readdirSync(own)) placeLink(join(own, entry), join(place, entry));
  return "yours";
}

/** What an earlier run has put in place and is still of use. */
function placedOrigin(required: RequiredPackage, folder: string): PluginOrigin | undefined {
  const place = pluginFolder(folder, required);
  if (!isComplete(place, required)) return undefined;
  return originOf(place) ?? "downloaded";
}

/** Puts in place what needs no download; also where another of the two was before. */
function placeOurs(required: RequiredPackage, layout: EngineLayout, built: BuiltPlugins): OurOrigin {
  const place = pluginFolder(pluginsFolder(layout), required);
  const executable = join(place, executableName(required));
  const program = join(layout.project, "sandbox", "plugins", required.name, "main.ts");
  const binary = built[required.name];
  if (binary !== undefined) {
    markedFolder(place, "built");
    // It serves by a program of ours that stands before it.
    placeScript(executable, nodeWrapper(pinnedNode(layout.project), program, { args: [binary] }));
    return "built";
  }
  if (!existsSync(program)) {
    throw new SandboxError([
      `plugin ${required.name} ${required.version}: must be in ~/.pulumi/plugins, downloadable, built here, or a ` +
        "stand-in in sandbox/plugins, got none of them; with internet run: " +
        `pulumi plugin install resource ${required.name} ${required.version}`,
    ]);
  }
  markedFolder(place, "stand-in");
  placeScript(executable, nodeWrapper(pinnedNode(layout.project), program));
  return "stand-in";
}

/** Empties a plugin's folder unless it has been filled the same way before. */
function markedFolder(place: string, origin: PluginOrigin): void {
  if (originOf(place) === origin) return;
  rmSync(place, { recursive: true, force: true });
  mkdirSync(place, { recursive: true });
  writeFileSync(join(place, originFile), origin);
}

function originOf(place: string): PluginOrigin | undefined {
  const file = join(place, originFile);
  if (!existsSync(file)) return undefined;
  const text = readFileSync(file, "utf8");
  return text === "yours" || text === "built" ? text : "stand-in";
}

function isComplete(place: string, required: RequiredPackage): boolean {
  // The engine leaves this mark while it unpacks a download.
  if (existsSync(`${place}.partial`)) return false;
  try {
    accessSync(join(place, executableName(required)), constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** False where even the name of the download host is unknown: there a download only retries for ten seconds. */
async function knowsDownloadHost(env: NodeJS.ProcessEnv): Promise<boolean> {
  if ((env["HTTPS_PROXY"] ?? env["https_proxy"] ?? "") !== "") return true;
  return lookup(downloadHost).then(
    () => true,
    () => false,
  );
}

async function download(required: RequiredPackage, env: NodeJS.ProcessEnv): Promise<boolean> {
  const install = ["pulumi", "plugin", "install", "resource", required.name, required.version] as const;
  const { code } = await attempt(["timeout", String(downloadSeconds), ...install], { env });
  return code === 0;
}

function pluginsFolder(layout: EngineLayout): string {
  return join(layout.home, "plugins");
}

function pluginFolder(folder: string, { name, version }: RequiredPackage): string {
  return join(folder, `resource-${name}-${version}`);
}

function executableName({ name }: RequiredPackage): string {
  return `pulumi-resource-${name}`;
}
