import type * as pulumi from "@pulumi/pulumi";
import { fault } from "../../shared/errors.ts";

/** Kinds of named objects that are overwritten without a word when they are written twice. */
export type ClaimedKind = "auth mount" | "policy" | "role" | "secret" | "secrets mount" | DeliveredKind;

/** What the secrets operator writes into the cluster; the others are inside Vault. */
type DeliveredKind = "delivered Secret";

// By provider, because a provider is one Vault, or one cluster: two of them may well have a policy of the same name.
const claims = new WeakMap<object, Map<string, pulumi.Resource>>();

/**
 * Takes a name inside Vault, or in the cluster, for one component.
 * @param component The component that is about to write the object.
 * @param kind What is written.
 * @param name Its name or path inside Vault.
 * @param path The argument that carries the name, for the error.
 * @returns A fault when another component took the name before; otherwise none.
 */
export function claimFaults(component: pulumi.Resource, kind: ClaimedKind, name: string, path: string): string[] {
  const taken = claimsOf(component, kind);
  const owner = taken?.get(`${kind} ${name}`);
  if (owner !== undefined && owner !== component) {
    return [fault(path, `must be the ${kind} of one component only`, name, "give one of the two another name")];
  }
  taken?.set(`${kind} ${name}`, component);
  return [];
}

/**
 * Whether some component has taken a name.
 * @param component Who asks, for the provider.
 * @param kind What it names.
 * @param name The name or path.
 * @returns True as well when nobody can tell, without a provider.
 */
export function isClaimed(component: pulumi.Resource, kind: ClaimedKind, name: string): boolean {
  return claimsOf(component, kind)?.has(`${kind} ${name}`) ?? true;
}

/**
 * Names that components have taken so far.
 * @param component Who asks, for the provider.
 * @param kind What they name.
 * @returns The names, in the order they were taken.
 */
export function claimedNames(component: pulumi.Resource, kind: ClaimedKind): string[] {
  const taken = [...(claimsOf(component, kind)?.keys() ?? [])];
  return taken.filter((name) => name.startsWith(`${kind} `)).map((name) => name.slice(kind.length + 1));
}

/** Undefined without a provider, where the engine refuses the children anyway: default providers are switched off. */
function claimsOf(component: pulumi.Resource, kind: ClaimedKind): Map<string, pulumi.Resource> | undefined {
  const member = kind === "delivered Secret" ? "kubernetes:core/v1:Secret" : "vault:index/mount:Mount";
  const provider = component.getProvider(member);
  if (provider === undefined) return undefined;
  const taken = claims.get(provider) ?? new Map<string, pulumi.Resource>();
  claims.set(provider, taken);
  return taken;
}
