import { findLeader, readOwnKeys, tryLogin } from "./admin-access-evidence.ts";
import { enableAppRole, issueLogin, proveLogin, writePolicy, writeRole } from "./admin-access-login.ts";
import { forgetRoot, obtainRoot, revokeRoot } from "./admin-access-root.ts";
import type { KeysRecord } from "./keys-record.ts";
import { placeOf, type ProtocolContext } from "./protocol-context.ts";
import type { RootToken } from "./root-token.ts";
import type { Place } from "./runbooks.ts";
import { runSteps, type Step } from "./steps.ts";
import type { AdminAccessInputs } from "./types.ts";
import type { VaultNode } from "./vault-api.ts";

/** Pulumi's own login. */
export interface AdminLogin {
  readonly roleId: string;
  readonly secretId: string;
}

/** What a run knows so far. */
export interface AdminAccessRun {
  readonly context: ProtocolContext;
  readonly inputs: AdminAccessInputs;
  readonly place: Place;
  /** The leading node. */
  node: VaultNode | null;
  /** A login that works, found or made. */
  login: AdminLogin | null;
  /** Token of an existing login, which may manage its own policy and role. */
  own: string | null;
  root: RootToken | null;
  /** Known for sure: the token whose copy the Secret keeps is no token any more. */
  storedRootIsDead: boolean;
  record: KeysRecord | null;
}

/**
 * The steps in their order. The root token dies only after the new login has proved itself, and its copy leaves the
 * Secret only after it is dead: a run that ends anywhere between is repeated from what Vault and the Secret say.
 */
export const adminAccessSteps: readonly Step<AdminAccessRun>[] = [
  { name: "find-leader", run: findLeader },
  { name: "read-keys", run: readOwnKeys },
  { name: "try-login", applies: ({ login }) => login !== null, run: tryLogin },
  { name: "obtain-root", applies: needsRoot, run: obtainRoot },
  { name: "write-policy", run: writePolicy },
  { name: "enable-approle", applies: ({ root }) => root !== null, run: enableAppRole },
  { name: "write-role", run: writeRole },
  { name: "issue-login", applies: ({ login }) => login === null, run: issueLogin },
  { name: "prove-login", run: proveLogin },
  { name: "revoke-root", applies: ({ root }) => root !== null, run: revokeRoot },
  {
    name: "forget-root",
    applies: ({ record, storedRootIsDead }) => record?.rootToken != null && storedRootIsDead,
    run: forgetRoot,
  },
];

/** The login exists, but the run could not finish. */
export class UnfinishedAccess extends Error {
  override readonly name = "UnfinishedAccess";
  readonly login: AdminLogin;

  constructor(login: AdminLogin, cause: unknown) {
    super(cause instanceof Error ? cause.message : "unknown fault", { cause });
    this.login = login;
  }
}

/**
 * Makes sure Pulumi has a login of its own and the root token is dead.
 *
 * @param login the one Pulumi's state knows; kept when it works.
 * @throws UnfinishedAccess when a login was made and a later step failed.
 */
export async function runAdminAccess(
  context: ProtocolContext,
  inputs: AdminAccessInputs,
  login: AdminLogin | null,
): Promise<AdminLogin> {
  const place = placeOf(inputs.target, inputs.keysSecret);
  const run: AdminAccessRun = {
    context,
    inputs,
    place,
    node: null,
    login,
    own: null,
    storedRootIsDead: false,
    root: null,
    record: null,
  };
  try {
    await runSteps("admin-access", adminAccessSteps, run, context.observe);
  } catch (error) {
    if (run.login !== null && run.login !== login) {
      throw new UnfinishedAccess(run.login, error);
    }
    throw error;
  }
  if (run.login === null) {
    throw new Error("admin-access: ended without a login and without a reason");
  }
  return run.login;
}

/** A root token still kept or given must die, even when the login works: an earlier run ended before it came to that. */
function needsRoot({ login, record, inputs }: AdminAccessRun): boolean {
  return login === null || record?.rootToken != null || inputs.encodedRootToken !== undefined;
}
