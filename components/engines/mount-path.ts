import { mountSegmentFaults } from "../../shared/vault-name.ts";

/** The fault of an engine's mount path, if it has one. */
export function mountPathFaults(path: string): string[] {
  return mountSegmentFaults(path, ["audit", "auth", "cubbyhole", "identity", "sys"]);
}

/**
 * Whether a path has a segment that is empty or points elsewhere.
 * @returns True for one like `app/../other`.
 */
export function leavesItself(path: string): boolean {
  return path.split("/").some((segment) => ["", ".", ".."].includes(segment));
}
