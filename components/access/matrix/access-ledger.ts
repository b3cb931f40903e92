import * as pulumi from "@pulumi/pulumi";
import { accessLines } from "./access-matrix.ts";
import type { DeclaredResource } from "./access-reader.ts";
import { accessOf } from "./declared-access.ts";

// Keyed by provider, because a provider stands for one Vault.
const ledgers = new WeakMap<object, DeclaredResource[]>();

/**
 * Records an object that lets somebody into Vault or allows something, for the access matrix among the outputs.
 * @param vault Provider of the Vault; undefined where there is none, which the engine refuses anyway.
 */
export function recordAccess(
  vault: pulumi.ProviderResource | undefined,
  type: string,
  inputs: Readonly<Record<string, unknown>>,
): void {
  if (vault === undefined) return;
  ledgers.set(vault, [...(ledgers.get(vault) ?? []), { type, inputs }]);
}

/**
 * The provider of the Vault that a component's children are in.
 * @returns The provider; undefined when it has none.
 */
export function vaultOf(component: pulumi.Resource): pulumi.ProviderResource | undefined {
  return component.getProvider("vault:index/mount:Mount");
}

/**
 * Who may do what in a Vault, from everything declared so far.
 * @param vault Provider of the Vault.
 * @returns A summary of the matrix, one line per row.
 */
export function accessOfVault(vault: pulumi.ProviderResource): pulumi.Output<readonly string[]> {
  const entries = (ledgers.get(vault) ?? []) as unknown as pulumi.Input<DeclaredResource>[];
  return pulumi.output(entries).apply((resources) => accessLines(accessOf(resources as readonly DeclaredResource[])));
}
