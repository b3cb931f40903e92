import { fault } from "../shared/errors.ts";

/**
 * The fault of a login method's mount path, if it has one. One segment, because that is as far as the rights of Pulumi's own login
 * go.
 * @param path The path, without `auth/`.
 * @returns No or one fault.
 */
export function authPathFaults(path: string): string[] {
  if (/^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$/.test(path)) return [];
  return [fault("path", "must be a mount path of one segment", path, "use letters, digits, dots and dashes")];
}
