import { mountSegmentFaults } from "../../../shared/vault-name.ts";

/**
 * The fault of a login method's mount path, if it has one.
 * @param path The path, without `auth/`.
 */
export function authPathFaults(path: string): string[] {
  return mountSegmentFaults(path, ["token"]);
}
