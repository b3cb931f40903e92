import { fault } from "../shared/errors.ts";

/**
 * Every fault of the name of a role, database, schema or table, which may then stand in SQL between double quotes.
 * @param path Where the name stands.
 * @param name The name to judge.
 * @returns No or one fault.
 */
export function postgresNameFaults(path: string, name: string): string[] {
  if (/^(?!pg_)[A-Za-z_][A-Za-z0-9_-]{0,62}$/.test(name)) return [];
  const rule = "must be at most 63 letters, digits, underscores and dashes, not beginning with a digit or pg_";
  return [fault(path, rule, name, "rename it")];
}
