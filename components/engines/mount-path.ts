import { fault } from "../shared/errors.ts";

/**
 * Every fault of an engine's mount path.
 * @param path The path to judge.
 * @returns No or one fault.
 */
export function mountPathFaults(path: string): string[] {
  if (["auth", "cubbyhole", "identity", "sys"].includes(path.split("/")[0] ?? "")) {
    return [fault("path", "must not lie in a part of Vault that is its own", path, "choose another path")];
  }
  if (/^[A-Za-z0-9]([A-Za-z0-9._/-]*[A-Za-z0-9])?$/.test(path) && !leavesItself(path)) return [];
  return [fault("path", "must be a mount path", path, "use letters, digits, dots, dashes and inner slashes")];
}

/**
 * Whether a path has a segment that is empty or means another place.
 * @param path The path to judge.
 * @returns True for one like `app/../other`.
 */
export function leavesItself(path: string): boolean {
  return path.split("/").some((segment) => ["", ".", ".."].includes(segment));
}
