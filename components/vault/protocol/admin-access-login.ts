import { leaderOf, loginToken } from "./admin-access-evidence.ts";
import type { AdminAccessRun } from "./admin-access-protocol.ts";
import { adminPolicyDocument } from "./admin-policy.ts";
import { lostAppRole } from "./runbooks.ts";
import { ADMIN_POLICY_NAME, ADMIN_ROLE_NAME } from "./types.ts";
import type { VaultSession } from "./vault-api.ts";
import { VaultRefusal } from "./vault-error.ts";

type GoTo = undefined | { readonly goTo: string };

/** Writes the policy when it is not what it should be. */
export async function writePolicy(run: AdminAccessRun): Promise<GoTo> {
  return withAuthority(run, async (session) => {
    const document = adminPolicyDocument();
    if ((await session.readPolicy(ADMIN_POLICY_NAME)) !== document) {
      await session.writePolicy(ADMIN_POLICY_NAME, document);
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

/** Writes the role; the same role again changes nothing. */
export async function writeRole(run: AdminAccessRun): Promise<GoTo> {
  const { authPath, tokenTtl } = run.inputs;
  return withAuthority(run, (session) =>
    session.writeRole(authPath, ADMIN_ROLE_NAME, {
      token_policies: [ADMIN_POLICY_NAME],
      token_ttl: tokenTtl,
      token_max_ttl: tokenTtl,
      token_type: "service",
      bind_secret_id: true,
      // The login lives as long as the stack: it ends by being rebuilt, never by the clock.
      secret_id_ttl: 0,
      secret_id_num_uses: 0,
    }),
  );
}

/** Makes the login, and ends the ones of runs that died before Pulumi could save them. */
export async function issueLogin(run: AdminAccessRun): Promise<GoTo> {
  const { authPath } = run.inputs;
  return withAuthority(run, async (session) => {
    const roleId = await session.roleId(authPath, ADMIN_ROLE_NAME);
    const { secretId, accessor } = await session.createSecretId(authPath, ADMIN_ROLE_NAME);
    for (const other of await session.secretIdAccessors(authPath, ADMIN_ROLE_NAME)) {
      if (other !== accessor) {
        await session.destroySecretId(authPath, ADMIN_ROLE_NAME, other);
      }
    }
    run.login = { roleId, secretId };
  });
}

/** Shows that the login works and carries its policy, before root is given up for it. */
export async function proveLogin(run: AdminAccessRun): Promise<GoTo> {
  const { login, inputs, place } = run;
  const token = run.own ?? (login === null ? null : await loginToken(leaderOf(run), inputs.authPath, login));
  if (token === null) {
    throw lostAppRole(place, "Vault refuses the login it has just issued");
  }
  const session = leaderOf(run).as(token);
  if ((await session.policies())?.includes(ADMIN_POLICY_NAME) !== true) {
    throw lostAppRole(place, `the login does not carry the policy ${ADMIN_POLICY_NAME}`);
  }
  await session.revokeSelf();
  return undefined;
}

/**
 * Acts with root while it lives, else with the login itself, whose policy lets it manage its own policy and role.
 * A login that may not do so any more is as good as lost.
 */
async function withAuthority(run: AdminAccessRun, action: (session: VaultSession) => Promise<void>): Promise<GoTo> {
  const token = run.root?.token ?? run.own;
  if (token === null) {
    throw new Error("admin-access: neither a root token nor a login is at hand");
  }
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
