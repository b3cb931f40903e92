import * as pulumi from "@pulumi/pulumi";
import { notKnownYet } from "../../shared/not-known-yet.ts";
import { asAdmin } from "../../protocol/database/admin-session.ts";
import type { PostgresTarget } from "../../protocol/database/postgres-target.ts";

/** The server, and who asks it. */
export interface ServedAuthorityArgs {
  /** The server as the state describes it. */
  readonly target: pulumi.Output<PostgresTarget>;
  readonly username: string;
  readonly password: pulumi.Output<string>;
}

/**
 * The authority that an adopting run verifies a server by. In a preview it is not known while the server goes by others: an adoption
 * that ended half-way has put a new authority, and a new password, into the state, which the pod takes at its next start. What is to
 * be imported would be asked for in that preview already, of a server that nobody there can verify yet.
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
 * Whether a server answers, is who it is taken for, and takes the password.
 * @param connect Connects to it.
 * @returns False for whatever reason it does not: the run that follows waits for the server, and says it.
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
