import { leaderOf, loginToken } from "./admin-access-evidence.ts";
import type { AdminAccessRun, AdminLogin } from "./admin-access-run.ts";
import { lostAppRole } from "../stops/runbooks.ts";
import {
  adminPolicyName,
  adminRoleName,
  previewMountsPolicyName,
  previewPolicyName,
  previewRoleName,
} from "./login-names.ts";
import type { AdminAccessInputs } from "./admin-access-properties.ts";
import type { VaultSession } from "../vault-client/vault-api.ts";
import { VaultRefusal } from "../vault-client/vault-error.ts";

const previewPolicies = [previewPolicyName, previewMountsPolicyName];

type OwnPolicies = Pick<AdminAccessInputs, "adminPolicy" | "previewPolicy">;

type GoTo = undefined | { readonly goTo: string };

/** The policies of the two logins as they must stand in Vault, by name. */
export function ownPolicies({ adminPolicy, previewPolicy }: OwnPolicies): Readonly<Record<string, string>> {
  return { [adminPolicyName]: adminPolicy, [previewPolicyName]: previewPolicy };
}

/** Writes each policy that is not what it should be. */
export async function writePolicies(run: AdminAccessRun): Promise<GoTo> {
  return withAuthority(run, async (session) => {
    for (const [name, document] of Object.entries(ownPolicies(run.inputs))) {
      if ((await session.readPolicy(name)) !== document) await session.writePolicy(name, document);
    }
  });
}

/** Mounts the login method, and refuses a mount of that name that is something else. */
export async function enableAppRole(run: AdminAccessRun): Promise<GoTo> {
  const { authPath } = run.inputs;
  return withAuthority(run, async (session) => {
    const mount = (await session.authMounts())[`${authPath}/`];
    if (mount === undefined) {
      await session.enableAuth(authPath, "approle", "Login of the Pulumi program that manages this Vault");
    } else if (mount.type !== "approle") {
      throw lostAppRole(run.place, `auth/${authPath} is a ${mount.type} mount that this stack did not make`);
    }
  });
}

/** Writes the roles; writing the same roles again changes nothing. */
export async function writeRoles(run: AdminAccessRun): Promise<GoTo> {
  const { authPath, tokenTtl } = run.inputs;
  const fields = {
    token_ttl: tokenTtl,
    token_max_ttl: tokenTtl,
    token_type: "service",
    bind_secret_id: true,
    // The logins live as long as the stack: they end by being rebuilt, never by the clock.
    secret_id_ttl: 0,
    secret_id_num_uses: 0,
  };
  return withAuthority(run, async (session) => {
    await session.writeRole(authPath, adminRoleName, { ...fields, token_policies: [adminPolicyName] });
    // Vault's policy `default` would let it write into its own cubbyhole.
    const preview = { ...fields, token_policies: previewPolicies, token_no_default_policy: true };
    await session.writeRole(authPath, previewRoleName, preview);
  });
}

/** Makes the login, and revokes those of runs that died before Pulumi could save them. */
export async function issueLogin(run: AdminAccessRun): Promise<GoTo> {
  return withAuthority(run, async (session) => {
    run.login = await newLogin(session, run.inputs.authPath, adminRoleName);
  });
}

/** The same for the login that may only read. */
export async function issuePreviewLogin(run: AdminAccessRun): Promise<GoTo> {
  return withAuthority(run, async (session) => {
    run.preview = await newLogin(session, run.inputs.authPath, previewRoleName);
  });
}

async function newLogin(session: VaultSession, authPath: string, role: string): Promise<AdminLogin> {
  const roleId = await session.roleId(authPath, role);
  const { secretId, accessor } = await session.createSecretId(authPath, role);
  for (const other of await session.secretIdAccessors(authPath, role)) {
    if (other !== accessor) await session.destroySecretId(authPath, role, other);
  }
  return { roleId, secretId };
}

/** Shows that the logins work and carry their policies, before root is given up for them. */
export async function proveLogins(run: AdminAccessRun): Promise<GoTo> {
  const { login, preview, inputs } = run;
  const node = leaderOf(run);
  const token = run.own ?? (login === null ? null : await loginToken(node, inputs.authPath, login));
  await proveToken(run, token, adminPolicyName);
  const previewing = preview === null ? null : await loginToken(node, inputs.authPath, preview);
  await proveToken(run, previewing, previewPolicyName);
  return undefined;
}

async function proveToken(run: AdminAccessRun, token: string | null, policy: string): Promise<void> {
  if (token === null) throw lostAppRole(run.place, "Vault refuses a login it has just issued");
  const session = leaderOf(run).as(token);
  if ((await session.policies())?.includes(policy) !== true) {
    throw lostAppRole(run.place, `the login does not carry the policy ${policy}`);
  }
  await session.revokeSelf();
}

/**
 * Acts with root while it lives, else with the login itself, whose policy lets it manage its own policy and role.
 * A login that may not do so any more is as good as lost.
 */
async function withAuthority(run: AdminAccessRun, action: (session: VaultSession) => Promise<void>): Promise<GoTo> {
  const token = run.root?.token ?? run.own;
  if (token === null) throw new Error("admin-access: neither a root token nor a login is at hand");
  try {
    await action(leaderOf(run).as(token));
    return undefined;
  } catch (error) {
    if (run.root === null && error instanceof VaultRefusal && error.status === 403) {
      run.login = null;
      run.own = null;
      return { goTo: "obtain-root" };
    }
    throw error;
  }
}
