import type { VaultTarget } from "../types.ts";
import { containsUnknown } from "./unknown.ts";

/**
 * Whether two targets are one Vault, whatever its number of pods and its authorities are: the keys and the login made for it
 * stay good. One that is not fully known yet, or absent, counts as another.
 */
export function isSameVault(olds: VaultTarget | undefined, news: VaultTarget | undefined): boolean {
  const parts = ["kubeContext", "namespace", "statefulSet", "port"] as const;
  if (olds === undefined || news === undefined || containsUnknown(news)) return false;
  return parts.every((part) => olds[part] === news[part]);
}
