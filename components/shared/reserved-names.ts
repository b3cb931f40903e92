import type * as pulumi from "@pulumi/pulumi";
import { fault } from "../../shared/errors.ts";
import type { MountKind } from "./mount-kind.ts";

/** Kinds of named objects that are silently overwritten when they are written twice. */
export type ClaimedKind = "auth mount" | "policy" | "role" | "secret" | "secrets mount" | DeliveredKind;

/** What the secrets operator writes into the cluster; the others are inside Vault. */
type DeliveredKind = "delivered Secret";

// Keyed by provider, because a provider stands for one Vault or one cluster: two of them may well have a policy of the
// same name.
const claims = new WeakMap<object, Map<string, Claim>>();

interface Claim {
  readonly owner: pulumi.Resource;
  /** Set for a mount: its path, and what is mounted there. */
  readonly mount?: ClaimedMount;
}

/** A mount of the program. */
interface ClaimedMount {
  /** For a login method, without `auth/`. */
  readonly path: string;
  readonly kind: MountKind;
}

/**
 * Claims a name inside Vault, or in the cluster, for one component.
 * @param component The component that is about to write the object.
 * @param name Its name or path inside Vault.
 * @param path The argument that carries the name, for the error.
 * @param mounted For a mount: what is mounted.
 */
export function reservedNameFaults(
  component: pulumi.Resource,
  kind: ClaimedKind,
  name: string,
  path: string,
  mounted?: MountKind,
): string[] {
  const taken = claimsOf(component, kind);
  const owner = taken?.get(`${kind} ${name}`)?.owner;
  if (owner !== undefined && owner !== component) {
    return [fault(path, `must be the ${kind} of one component only`, name, "give one of the two another name")];
  }
  const claim = { owner: component, ...(mounted !== undefined && { mount: { path: name, kind: mounted } }) };
  taken?.set(`${kind} ${name}`, claim);
  return [];
}

/**
 * Whether some component has claimed a name.
 * @param component Who asks, for the provider.
 * @returns Also true when nobody can tell, without a provider.
 */
export function isClaimed(component: pulumi.Resource, kind: ClaimedKind, name: string): boolean {
  return claimsOf(component, kind)?.has(`${kind} ${name}`) ?? true;
}

/**
 * Mounts that components have claimed so far.
 * @param component Who asks, for the provider.
 * @returns The mounts, in the order they were claimed.
 */
export function claimedMounts(component: pulumi.Resource): ClaimedMount[] {
  const taken = [...(claimsOf(component, "secrets mount")?.values() ?? [])];
  return taken.flatMap(({ mount }) => mount ?? []);
}

/** Undefined without a provider, where the engine refuses the children anyway: default providers are switched off. */
function claimsOf(component: pulumi.Resource, kind: ClaimedKind): Map<string, Claim> | undefined {
  const member = kind === "delivered Secret" ? "kubernetes:core/v1:Secret" : "vault:index/mount:Mount";
  const provider = component.getProvider(member);
  if (provider === undefined) return undefined;
  const taken = claims.get(provider) ?? new Map<string, Claim>();
  claims.set(provider, taken);
  return taken;
}
