import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, resolve } from "node:path";
import { parse } from "yaml";
import { PluginError } from "../../shared/errors.ts";
import { isObject, type Json, type JsonObject } from "../../shared/property.ts";
import { listAt, objectAt, textAt } from "../object/fields.ts";

/** A kubeconfig: entries by name, with every relative file already resolved. */
export interface Kubeconfig {
  readonly currentContext: string;
  readonly clusters: Readonly<Record<string, JsonObject>>;
  readonly users: Readonly<Record<string, JsonObject>>;
  readonly contexts: Readonly<Record<string, JsonObject>>;
}

/**
 * The kubeconfig of a provider setting, which is the document itself or a path, or several paths as in `$KUBECONFIG`.
 * Without a setting: `$KUBECONFIG`, else `~/.kube/config`.
 * @throws PluginError when there is none or it is no kubeconfig; the text never quotes the document
 */
export function loadKubeconfig(setting: string | undefined, environment: NodeJS.ProcessEnv): Kubeconfig {
  if (setting !== undefined && isDocument(setting)) return parseKubeconfig(setting, process.cwd(), "kubeconfig");
  const paths = (nonEmpty(setting) ?? nonEmpty(environment["KUBECONFIG"]) ?? "~/.kube/config").split(delimiter);
  const files = paths.filter((path) => path !== "").map((path) => path.replace(/^~(?=\/|$)/, homedir()));
  const existing = files.filter((path) => existsSync(path));
  if (existing.length === 0) {
    throw new PluginError(
      `kubeconfig: must be a kubeconfig or the path of one, got no file at ${files.join(", ")}; start the cluster or correct the path`,
    );
  }
  return existing
    .map((path) => parseKubeconfig(readFileSync(path, "utf8"), dirname(resolve(path)), path))
    .reduce(merged);
}

function isDocument(setting: string): boolean {
  return setting.includes("\n") || setting.trimStart().startsWith("{");
}

function parseKubeconfig(text: string, folder: string, where: string): Kubeconfig {
  const document = parsedYaml(text, where);
  return {
    currentContext: textAt(document, "current-context"),
    clusters: entries(document, "clusters", "cluster", folder),
    users: entries(document, "users", "user", folder),
    contexts: entries(document, "contexts", "context", folder),
  };
}

function parsedYaml(text: string, where: string): JsonObject {
  let document: Json;
  try {
    document = parse(text) as Json;
  } catch {
    // The parser's message quotes the line it failed at, which may hold a key.
    throw new PluginError(`${where}: must be YAML or JSON, got text that is neither; correct it`);
  }
  if (isObject(document)) return document;
  throw new PluginError(`${where}: must be a kubeconfig, got a document that is no object; correct it`);
}

function entries(document: JsonObject, list: string, member: string, folder: string): Record<string, JsonObject> {
  return Object.fromEntries(
    listAt(document, list).map((entry) => [textAt(entry, "name"), withResolvedFiles(objectAt(entry, member), folder)]),
  );
}

/** Fields that name a file; they are relative to the kubeconfig's own folder. */
const fileFields: ReadonlySet<string> = new Set([
  "certificate-authority",
  "client-certificate",
  "client-key",
  "tokenFile",
]);

function withResolvedFiles(entry: JsonObject, folder: string): JsonObject {
  return Object.fromEntries(
    Object.entries(entry).map(([key, value]) => [
      key,
      fileFields.has(key) && typeof value === "string" && value !== "" ? resolve(folder, value) : value,
    ]),
  );
}

/** As `kubectl` merges: what an earlier file says wins. */
function merged(first: Kubeconfig, second: Kubeconfig): Kubeconfig {
  return {
    currentContext: first.currentContext === "" ? second.currentContext : first.currentContext,
    clusters: { ...second.clusters, ...first.clusters },
    users: { ...second.users, ...first.users },
    contexts: { ...second.contexts, ...first.contexts },
  };
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === "" ? undefined : text;
}
