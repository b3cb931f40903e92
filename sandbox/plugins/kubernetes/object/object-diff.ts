import { isDeepStrictEqual } from "node:util";
import { isObject, Unknown, type Draft, type DraftObject } from "../../shared/property.ts";
import { memberPath } from "../../shared/schema.ts";
import type { Change } from "../../shared/structural-diff.ts";
import { isReplacing } from "./replacement.ts";

/**
 * What changes between two versions of an object's inputs, field by field and element by element. Absent and null are
 * the same. What the server adds plays no part: only what the program declares is compared.
 */
export function objectChanges(olds: DraftObject, news: DraftObject, replacing: readonly string[]): Change[] {
  return keysOf(olds, news).flatMap((property) =>
    valueChanges(olds[property], news[property], memberPath("", property)).map(({ path, kind }): Change => ({
      path,
      property,
      kind,
      replace: isReplacing(path, replacing),
    })),
  );
}

type PathChange = Pick<Change, "path" | "kind">;

function valueChanges(old: Draft | undefined, fresh: Draft | undefined, path: string): PathChange[] {
  if (isSame(old, fresh)) return [];
  if (isObject(old) && isObject(fresh)) {
    return keysOf(old, fresh).flatMap((key) => valueChanges(old[key], fresh[key], memberPath(path, key)));
  }
  if (Array.isArray(old) && Array.isArray(fresh)) return elementChanges(old, fresh, path);
  if ((old ?? null) === null) return [{ path, kind: "add" }];
  if ((fresh ?? null) === null) return [{ path, kind: "delete" }];
  return [{ path, kind: "update" }];
}

function elementChanges(old: readonly Draft[], fresh: readonly Draft[], path: string): PathChange[] {
  return Array.from({ length: Math.max(old.length, fresh.length) }, (_, index) =>
    valueChanges(old[index], fresh[index], memberPath(path, index)),
  ).flat();
}

function isSame(old: Draft | undefined, fresh: Draft | undefined): boolean {
  if (old instanceof Unknown || fresh instanceof Unknown) return false;
  return isDeepStrictEqual(old ?? null, fresh ?? null);
}

function keysOf(old: DraftObject, fresh: DraftObject): string[] {
  return [...new Set([...Object.keys(old), ...Object.keys(fresh)])].sort();
}
