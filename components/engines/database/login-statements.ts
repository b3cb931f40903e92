import { makersOf } from "../../../protocol/database/logins/maker-functions.ts";
import type { LoginGroup } from "../../../protocol/database/logins/login-removal.ts";

/**
 * SQL of a dynamic role; Vault replaces `{{name}}`, `{{password}}` and `{{expiration}}` with name, password and end.
 */
export interface RoleStatements {
  /** Makes a login. */
  readonly creation: readonly string[];
  /** Extends its expiry. */
  readonly renewal: readonly string[];
  /** Removes it with everything it was granted. Must succeed if it is gone already. */
  readonly revocation: readonly string[];
  /** Removes what a failed creation left behind. */
  readonly rollback: readonly string[];
}

/** At most this many objects are moved while Vault waits; the next `up` moves the rest. */
const objectsAtOnce = 500;

// Vault's name of a login begins with the name of its reader, which may contain a quote, but not this delimiter.
const name = "$vaultstack${{name}}$vaultstack$";

/**
 * Renders the SQL of a dynamic role whose logins are members of a group: calls to the group's functions, each list in
 * one transaction.
 * @param group The group, and Vault's own login.
 */
export function renderLoginStatements({ group, login }: Pick<LoginGroup, "group" | "login">): RoleStatements {
  const call = (what: string, ...more: readonly string[]): string =>
    `SELECT "${group}".${what}(${[name, ...more].join(", ")})`;
  const handOver = (isEnding: boolean): string =>
    `SELECT "${makersOf(login).schema}".hand_over(${name}, ${String(isEnding)})`;
  const removal = [handOver(true), call("shut"), "COMMIT", call("close"), call("remove", String(objectsAtOnce))];
  return {
    creation: [call("make", "'{{password}}'", "'{{expiration}}'")],
    renewal: [handOver(false), call("extend", "'{{expiration}}'")],
    revocation: removal,
    rollback: removal,
  };
}
