import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { parse } from "yaml";

/**
 * Name of the current context of the kubeconfig that the environment points to (`KUBECONFIG`, else `~/.kube/config`).
 *
 * Read once, so that one run speaks of one cluster throughout even when someone switches the context meanwhile.
 * @param env Environment to read. @default process.env
 * @returns The name; null when no file can be read or none names a context.
 */
export function currentContext(env: NodeJS.ProcessEnv = process.env): string | null {
  const listed = (env["KUBECONFIG"] ?? "").split(delimiter).filter((file) => file !== "");
  const files = listed.length > 0 ? listed : [join(env["HOME"] ?? homedir(), ".kube", "config")];
  // The first file that names one wins, as in kubectl.
  return files.map(contextOf).find((context) => context !== null) ?? null;
}

function contextOf(file: string): string | null {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    // Files in KUBECONFIG may be missing, as kubectl allows; that none names a context is the caller's fault to report.
    return null;
  }
  const config: unknown = parse(text);
  if (typeof config !== "object" || config === null || !("current-context" in config)) return null;
  const context = config["current-context"];
  return typeof context === "string" && context !== "" ? context : null;
}
