import type { Fault } from "../../shared/schema.ts";

/** What kind of object something is. */
export interface GroupVersionKind {
  /** `v1`, or `<group>/<version>`. */
  readonly apiVersion: string;
  readonly kind: string;
}

/**
 * The kind behind a token `kubernetes:<group>/<version>:<Kind>`; the group `core` is the unnamed one.
 * Undefined for what is no single object of the API: helm releases, charts, manifests, kustomizations, lists, and the
 * `…Patch` types, which manage fields of somebody else's object.
 */
export function parseTypeToken(token: string): GroupVersionKind | undefined {
  const [packageName, module, kind, ...rest] = token.split(":");
  if (packageName !== "kubernetes" || module === undefined || kind === undefined || rest.length > 0) return undefined;
  const [group = "", version, ...more] = module.split("/");
  if (more.length > 0 || overlayGroups.has(group) || !/^[A-Z]/.test(kind)) return undefined;
  if (isGenerated(group) && /[a-z](Patch|List)$/.test(kind)) return undefined;
  if (version === undefined) return { apiVersion: group, kind };
  return { apiVersion: group === "core" ? version : `${group}/${version}`, kind };
}

/** Faults when `apiVersion` and `kind` of the inputs are not those of the token: an object is never applied as another. */
export function kindFaults(expected: GroupVersionKind, apiVersion: unknown, kind: unknown): Fault[] {
  return [...differing("apiVersion", expected.apiVersion, apiVersion), ...differing("kind", expected.kind, kind)];
}

/** Group of an `apiVersion`; empty for the core group. */
export function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf("/");
  return slash < 0 ? "" : apiVersion.slice(0, slash);
}

/** Types the SDK adds to those of the API. */
const overlayGroups: ReadonlySet<string> = new Set(["helm.sh", "kustomize", "yaml"]);

/** Whether the SDK generates classes for the group; elsewhere a kind may really be called `…List` or `…Patch`. */
function isGenerated(group: string): boolean {
  return !group.includes(".") || group.endsWith(".k8s.io");
}

function differing(path: string, expected: string, given: unknown): Fault[] {
  if (given === expected) return [];
  return [{ path, reason: `must be ${expected} for this resource type, got ${String(given)}; leave it out` }];
}
