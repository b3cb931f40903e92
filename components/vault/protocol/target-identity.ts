import type { VaultTarget } from "./types.ts";
import { containsUnknown } from "./unknown.ts";

/**
 * Whether two targets are one Vault, whatever its number of pods and its authorities are: the keys and the login made for it
 * stay good. One that is not fully known yet counts as another.
 */
export function isSameVault(olds: VaultTarget, news: VaultTarget): boolean {
  const parts = ["kubeContext", "namespace", "statefulSet", "port"] as const;
  return !containsUnknown(news) && parts.every((part) => olds[part] === news[part]);
}
