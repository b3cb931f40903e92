import * as pulumi from "@pulumi/pulumi";
import { notKnownYet } from "../../shared/not-known-yet.ts";
import { asAdmin } from "../../protocol/database/admin-session.ts";
import type { PostgresTarget } from "../../protocol/database/postgres-target.ts";

/** The server, and the login that asks it. */
export interface ServedAuthorityArgs {
  /** The server as the state describes it. */
  readonly target: pulumi.Output<PostgresTarget>;
  readonly username: string;
  readonly password: pulumi.Output<string>;
}

/**
 * The authority by which an adopting run verifies a server. In a preview it counts as unknown while the server still
 * uses another one: an adoption that ended halfway has put a new authority, and a new password, into the state, which
 * the pod takes up at its next start. Otherwise that preview would already ask for the objects to import, from a server
 * that it cannot verify yet.
 */
export function authorityOnceServed(
  authority: pulumi.Output<string>,
  args: ServedAuthorityArgs,
): pulumi.Output<string> {
  if (!pulumi.runtime.isDryRun()) return authority;
  const { username: adminUsername } = args;
  return pulumi.all([authority, args.target, args.password]).apply(async ([pem, postgres, adminPassword]) => {
    const admin = { postgres, adminUsername, adminPassword, database: "postgres" };
    const isServed = await takes(() => asAdmin(admin, () => Promise.resolve()));
    return isServed ? pem : (notKnownYet as string);
  });
}

/**
 * Whether a server answers, is the one it is taken for, and accepts the password.
 * @param connect Connects to it.
 * @returns False for any failure: the run that follows waits for the server and reports the reason.
 */
export async function takes(connect: () => Promise<void>): Promise<boolean> {
  try {
    await connect();
    return true;
  } catch (error) {
    void pulumi.log.debug(`Postgres in a preview: ${error instanceof Error ? error.message : "unknown fault"}`);
    return false;
  }
}
