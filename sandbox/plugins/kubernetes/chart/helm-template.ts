import { spawn } from "node:child_process";
import { once } from "node:events";
import { PluginError } from "../../shared/errors.ts";
import type { JsonObject } from "../../shared/property.ts";
import type { Capabilities } from "../api/discovery.ts";

/** What is rendered. */
export interface ChartRequest {
  /** A folder, a package, a reference or a URL, as `helm` takes it. */
  readonly chart: string;
  readonly version: string | undefined;
  readonly repository: string | undefined;
  readonly release: string;
  readonly namespace: string;
  readonly values: JsonObject;
  readonly skipCrds: boolean;
  /** What the cluster offers; undefined while it cannot be asked, for which `helm` has assumptions of its own. */
  readonly capabilities: Capabilities | undefined;
}

/**
 * The manifest of a chart.
 * @throws PluginError with what `helm` says
 */
export async function renderChart(request: ChartRequest, signal: AbortSignal): Promise<string> {
  const child = spawn("helm", helmArguments(request), { stdio: ["pipe", "pipe", "pipe"], signal });
  let manifest = "";
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (manifest += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (said += text));
  // A program that ends early leaves its input unread; its exit code tells.
  child.stdin.on("error", () => undefined);
  // Values may be secret, and every user of the machine can read arguments.
  child.stdin.end(JSON.stringify(request.values));
  const [code] = (await once(child, "close").catch((error: unknown) => {
    throw new PluginError("helm: must be on PATH, because the stand-in renders charts with it, got none", {
      cause: error,
    });
  })) as [number | null];
  if (code === 0) return manifest;
  throw new PluginError(`chart ${request.chart}: must be rendered by helm, got the following\n${said.trim()}`);
}

/** Pure, for its test. */
export function helmArguments(request: ChartRequest): string[] {
  const { chart, version, repository, release, namespace, skipCrds, capabilities } = request;
  return [
    "template",
    release,
    chart,
    ...(version === undefined ? [] : ["--version", version]),
    ...(repository === undefined ? [] : ["--repo", repository]),
    "--namespace",
    namespace,
    "--no-hooks",
    ...(skipCrds ? [] : ["--include-crds"]),
    ...(capabilities === undefined ? [] : ["--kube-version", capabilities.version]),
    ...(capabilities?.apiVersions.flatMap((apiVersion) => ["--api-versions", apiVersion]) ?? []),
    "--values",
    "-",
  ];
}
