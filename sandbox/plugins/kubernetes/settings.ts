import { isDeepStrictEqual } from "node:util";
import { filledText, Unknown, type DraftObject, type JsonObject } from "../shared/property.ts";
import type { PropertyRules } from "../shared/schema.ts";
import { structuralDiff, type Change } from "../shared/structural-diff.ts";
import { activeCluster, type ContextChoice } from "./api/context.ts";
import { loadKubeconfig } from "./api/kubeconfig.ts";

/** What a provider resource sets. */
export interface Settings extends ContextChoice {
  /** A kubeconfig or its path. @default - `$KUBECONFIG`, else `~/.kube/config` */
  readonly kubeconfig?: string;
  /** Update ConfigMaps in place instead of replacing them. */
  readonly enableConfigMapMutable: boolean;
  /** Update Secrets in place instead of replacing them. */
  readonly enableSecretMutable: boolean;
  /** Take fields from other managers without being asked to. */
  readonly enablePatchForce: boolean;
  /** Take over an object that exists already, instead of refusing to create it. */
  readonly upsertExistingObjects: boolean;
  /** Forget resources of a cluster that cannot be reached, instead of failing. */
  readonly deleteUnreachable: boolean;
}

/** The settings covered, of those the official provider has. */
export const settingRules: PropertyRules = {
  kubeconfig: { type: "string" },
  context: { type: "string" },
  cluster: { type: "string" },
  namespace: { type: "string" },
  enableServerSideApply: {
    type: "boolean",
    fault: (value) =>
      value === false ? "must be true, got false; use the official plugin for client-side apply" : undefined,
  },
  enableConfigMapMutable: { type: "boolean" },
  enableSecretMutable: { type: "boolean" },
  enablePatchForce: { type: "boolean" },
  upsertExistingObjects: { type: "boolean" },
  deleteUnreachable: { type: "boolean" },
  // Both silence warnings that this stand-in never gives.
  suppressDeprecationWarnings: { type: "boolean" },
  suppressHelmHookWarnings: { type: "boolean" },
};

/** The settings of checked properties. */
export function parseSettings(config: JsonObject, environment: NodeJS.ProcessEnv): Settings {
  return {
    ...given("kubeconfig", config),
    ...given("context", config),
    ...given("cluster", config),
    ...given("namespace", config),
    enableConfigMapMutable: config["enableConfigMapMutable"] === true,
    enableSecretMutable: config["enableSecretMutable"] === true,
    enablePatchForce: config["enablePatchForce"] === true,
    upsertExistingObjects:
      (config["upsertExistingObjects"] ?? environment["PULUMI_K8S_UPSERT_EXISTING_OBJECTS"] === "true") === true,
    deleteUnreachable:
      (config["deleteUnreachable"] ?? environment["PULUMI_K8S_DELETE_UNREACHABLE"] === "true") === true,
  };
}

/**
 * What changes from one version of the settings to another. Everything the provider manages is replaced when the entry
 * of the cluster changes, because then it is taken for another cluster, and when it may change; not when only the
 * kubeconfig's text or the name of the context does.
 */
export function settingChanges(olds: DraftObject, news: DraftObject, environment: NodeJS.ProcessEnv): Change[] {
  const changes = structuralDiff(olds, news, settingRules);
  const replaces = identifying.some((key) => news[key] instanceof Unknown) || isOtherCluster(olds, news, environment);
  return changes.map((change) => ({ ...change, replace: replaces && identifying.includes(change.property) }));
}

const identifying: readonly string[] = ["kubeconfig", "context", "cluster"];

function isOtherCluster(olds: DraftObject, news: DraftObject, environment: NodeJS.ProcessEnv): boolean {
  const [before, after] = [clusterOf(olds, environment), clusterOf(news, environment)];
  return before !== undefined && after !== undefined && !isDeepStrictEqual(before, after);
}

/** Undefined when the file is not there any more: then nothing can be said about what changed. */
function clusterOf(settings: DraftObject, environment: NodeJS.ProcessEnv): JsonObject | undefined {
  try {
    const config = loadKubeconfig(filledText(settings["kubeconfig"]), environment);
    return activeCluster(config, { ...given("context", settings), ...given("cluster", settings) });
  } catch {
    return undefined;
  }
}

function given<Key extends string>(key: Key, config: DraftObject): Partial<Record<Key, string>> {
  const value = filledText(config[key]);
  return value === undefined ? {} : ({ [key]: value } as Record<Key, string>);
}
