import { findLeader, readOwnKeys, tryLogin, tryPreviewLogin } from "./admin-access-evidence.ts";
import {
  enableAppRole,
  issueLogin,
  issuePreviewLogin,
  proveLogins,
  writePolicies,
  writeRoles,
} from "./admin-access-login.ts";
import { endRootOfFailure, forgetRoot, keepRoot, obtainRoot, revokeRoot } from "./admin-access-root.ts";
import { placeOf, type ProtocolContext } from "../frame/protocol-context.ts";
import { runSteps, type Step } from "../frame/steps.ts";
import type { AdminAccessInputs } from "./admin-access-properties.ts";
import type { AdminLogin, AdminLogins, AdminAccessRun } from "./admin-access-run.ts";

/**
 * The steps in order. The root token is revoked only after the new login has proved itself, and its copy leaves the
 * Secret only after the token is dead: a run that ends anywhere in between can be repeated from what Vault and the
 * Secret say.
 */
export const adminAccessSteps: readonly Step<AdminAccessRun>[] = [
  { name: "find-leader", run: findLeader },
  { name: "read-keys", run: readOwnKeys },
  { name: "try-login", applies: ({ login }) => login !== null, run: tryLogin },
  { name: "obtain-root", applies: needsRoot, run: obtainRoot },
  { name: "keep-root", applies: mayKeepRoot, run: keepRoot },
  { name: "write-policies", run: writePolicies },
  { name: "enable-approle", applies: ({ root }) => root !== null, run: enableAppRole },
  { name: "write-roles", run: writeRoles },
  { name: "issue-login", applies: ({ login }) => login === null, run: issueLogin },
  { name: "try-preview-login", applies: ({ preview }) => preview !== null, run: tryPreviewLogin },
  { name: "issue-preview-login", applies: ({ preview }) => preview === null, run: issuePreviewLogin },
  { name: "prove-logins", run: proveLogins },
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
  readonly logins: AdminLogins;

  constructor(logins: AdminLogins, cause: unknown) {
    super(cause instanceof Error ? cause.message : "unknown fault", { cause });
    this.logins = logins;
  }
}

/**
 * Makes sure that Pulumi has a login of its own and one for previews, and that the root token is dead.
 *
 * @param known the ones Pulumi's state knows; kept when they work.
 * @throws UnfinishedAccess when a login was made and a later step failed.
 */
export async function runAdminAccess(
  context: ProtocolContext,
  inputs: AdminAccessInputs,
  known: AdminLogins,
): Promise<{ readonly login: AdminLogin; readonly preview: AdminLogin }> {
  const place = placeOf(inputs.target, inputs.keysSecret);
  const run: AdminAccessRun = {
    context,
    inputs,
    place,
    node: null,
    ...known,
    own: null,
    storedRootIsDead: false,
    root: null,
    record: null,
  };
  try {
    await runSteps("admin-access", adminAccessSteps, run, context.observe);
  } catch (cause) {
    const error = await endRootOfFailure(run, cause);
    await endOwn(run);
    const isNew = run.login !== known.login || run.preview !== known.preview;
    if (run.login !== null && isNew) throw new UnfinishedAccess({ login: run.login, preview: run.preview }, error);
    throw error;
  }
  if (run.login === null || run.preview === null) {
    throw new Error("admin-access: ended without a login and without a reason");
  }
  return { login: run.login, preview: run.preview };
}

/** Revokes the token of Pulumi's own login that a failed run leaves; if that fails, it expires by itself. */
async function endOwn({ own, node }: AdminAccessRun): Promise<void> {
  if (own !== null) {
    await node
      ?.as(own)
      .revokeSelf()
      .catch(() => undefined);
  }
}

/** The copy of another token in the Secret is overwritten only once that token is dead. */
function mayKeepRoot({ root, record, storedRootIsDead }: AdminAccessRun): boolean {
  return root?.encrypted != null && (record?.rootToken === null || storedRootIsDead);
}

/**
 * A root token still kept or given must be revoked, even when the login works: an earlier run ended before it got that
 * far.
 */
function needsRoot({ login, record, inputs }: AdminAccessRun): boolean {
  return login === null || record?.rootToken != null || inputs.encodedRootToken !== undefined;
}
