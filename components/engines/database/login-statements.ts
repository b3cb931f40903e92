import { makersOf } from "../../../protocol/database/logins/maker-functions.ts";
import type { LoginGroup } from "../../../protocol/database/logins/login-removal.ts";

/** SQL of a dynamic role; Vault puts name, password and end in place of `{{name}}`, `{{password}}`, `{{expiration}}`. */
export interface RoleStatements {
  /** Makes a login. */
  readonly creation: readonly string[];
  /** Moves its end. */
  readonly renewal: readonly string[];
  /** Takes it away with everything it was given. Must succeed when it is gone already. */
  readonly revocation: readonly string[];
  /** Takes away what a failed creation left. */
  readonly rollback: readonly string[];
}

/** More objects than these are not moved while Vault waits; the next `up` does it. */
const objectsAtOnce = 500;

// Vault's name of a login begins with what its reader is called, in which there may be a quote, but not as much as this.
const name = "$vaultstack${{name}}$vaultstack$";

/**
 * Renders the SQL of a dynamic role whose logins are members of a group: calls of the group's functions, each list in one
 * transaction.
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
