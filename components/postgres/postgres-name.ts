import { fault, hidden } from "../../shared/errors.ts";

/**
 * Every fault of the name of a role, database, schema or table; one without faults is safe in SQL between double
 * quotes.
 */
export function postgresNameFaults(path: string, name: string): string[] {
  if (/^(?!pg_)[A-Za-z_][A-Za-z0-9_-]{0,62}$/.test(name)) return [];
  const rule = "must be at most 63 letters, digits, underscores and dashes, not beginning with a digit or pg_";
  return [fault(path, rule, name, "rename it")];
}

/**
 * Every fault of a superuser's password.
 * @param password The password to judge; it is not shown.
 */
export function passwordFaults(path: string, password: string): string[] {
  // A shell puts it between SQL quotes, without a tool to escape it.
  if (/^[\x21-\x26\x28-\x5b\x5d-\x7e]{8,200}$/.test(password)) return [];
  const rule = "must be 8 to 200 printable characters of ASCII without space, quote and backslash";
  return [fault(path, rule, hidden, "choose another, or leave it out for a random one")];
}
