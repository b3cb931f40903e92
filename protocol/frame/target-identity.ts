import type { VaultTarget } from "./vault-target.ts";
import { containsUnknown } from "./unknown.ts";

/**
 * Whether two targets are the same Vault, whatever its number of pods and its authorities: the keys and the login made
 * for it stay valid. One that is not fully known yet, or absent, counts as another.
 */
export function isSameVault(olds: VaultTarget | undefined, news: VaultTarget | undefined): boolean {
  const parts = ["kubeContext", "namespace", "statefulSet", "port"] as const;
  if (olds === undefined || news === undefined || containsUnknown(news)) return false;
  return parts.every((part) => olds[part] === news[part]);
}
