import { fault } from "./errors.ts";

/**
 * The fault of the name of a role or a key inside Vault, if it has one: what Vault's own plugins take
 * (`framework.GenericNameRegex`), and no more.
 */
export function vaultNameFaults(at: string, name: string, what: string): string[] {
  if (/^\w([\w.-]*\w)?$/.test(name)) return [];
  const rule = "must be named by letters, digits, dots, dashes and underscores";
  return [fault(at, rule, name, `rename the ${what}, with neither dot nor dash at its ends`)];
}

/**
 * The fault of the path of a mount, if it has one. One segment, because that is as far as the rights of Pulumi's own
 * login go: a rule for more segments would reach into other mounts.
 * @param path The path; for a login method, without `auth/`.
 * @param taken First segments that are Vault's own.
 */
export function mountSegmentFaults(path: string, taken: readonly string[]): string[] {
  const [first = "", ...rest] = path.split("/");
  if (taken.includes(first)) {
    return [fault("path", "must not lie in a part of Vault that is its own", path, "choose another path")];
  }
  if ([first, ...rest].some((segment) => !/^\w([\w.-]*\w)?$/.test(segment))) {
    return [fault("path", "must be a mount path", path, "use letters, digits, dots, dashes and underscores")];
  }
  if (rest.length === 0) return [];
  const remedy = `Pulumi's own login reaches no further; write it as ${[first, ...rest].join("-")}`;
  return [fault("path", "must be a mount path of one segment", path, remedy)];
}
