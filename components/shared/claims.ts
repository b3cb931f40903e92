import type * as pulumi from "@pulumi/pulumi";
import { fault } from "./errors.ts";

/** Kinds of named objects that Vault overwrites without a word when they are written twice. */
export type ClaimedKind = "auth mount" | "policy" | "role" | "secret" | "secrets mount";

// By provider, because a provider is one Vault: two Vaults in one program may well have a policy of the same name.
const claims = new WeakMap<object, Map<string, pulumi.Resource>>();

/**
 * Takes a name inside Vault for one component.
 * @param component The component that is about to write the object.
 * @param kind What is written.
 * @param name Its name or path inside Vault.
 * @param path The argument that carries the name, for the error.
 * @returns A fault when another component took the name before; otherwise none.
 */
export function claimFaults(component: pulumi.Resource, kind: ClaimedKind, name: string, path: string): string[] {
  const vault = component.getProvider("vault:index/mount:Mount");
  // Without one the engine refuses the children anyway: default providers are switched off.
  if (vault === undefined) return [];
  const taken = claims.get(vault) ?? new Map<string, pulumi.Resource>();
  claims.set(vault, taken);
  const owner = taken.get(`${kind} ${name}`);
  if (owner !== undefined && owner !== component) {
    return [fault(path, `must be the ${kind} of one component only`, name, "give one of the two another name")];
  }
  taken.set(`${kind} ${name}`, component);
  return [];
}
