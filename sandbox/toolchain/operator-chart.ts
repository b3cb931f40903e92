import path from "node:path";
import { toolDirectory, type GoIdentity } from "./tool-cache.ts";
import { toolNamed } from "./tools.ts";

/**
 * The secrets operator's official chart, kept beside the operator that was built from the same module.
 * @param go What the tools are built with.
 * @returns Its folder, whether or not it has been built.
 */
export function operatorChart(go: GoIdentity): string {
  return path.join(toolDirectory(toolNamed("secrets-operator"), go), "chart");
}
