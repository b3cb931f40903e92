/**
 * `vault:AdminAccess` for Pulumi: check → pure; create, update → the admin access protocol; diff → try the login; read
 * → see that the cluster answers; delete → remove the roles while Vault still serves.
 */
import { loginToken } from "./admin-access-evidence.ts";
import { ownPolicies } from "./admin-access-login.ts";
import { runAdminAccess, UnfinishedAccess } from "./admin-access-protocol.ts";
import type { AdminLogin, AdminLogins } from "./admin-access-run.ts";
import { escrowFaults } from "../keys/escrow.ts";
import { type Faults, shown } from "../frame/faults.ts";
import { leadingNode } from "../vault-client/leading-node.ts";
import { readKeys } from "../keys/keys-secret.ts";
import { PartialFailure, resourceId, withoutProvider } from "../frame/partial-failure.ts";
import type { ProtocolContext } from "../frame/protocol-context.ts";
import { targetFaults } from "../frame/target-faults.ts";
import { isSameVault } from "../frame/target-identity.ts";
import { adminPolicyName, adminRoleName, previewRoleName } from "./login-names.ts";
import type { AdminAccessInputs, AdminAccessOutputs } from "./admin-access-properties.ts";
import { type Added, defineResource, inVault } from "../frame/resource-frame.ts";
import { seeAnswering } from "../vault-client/see-answering.ts";

/** Vault's own upper bound on a token's lifetime unless it is configured otherwise: 32 days. */
const maxTtlSeconds = 2_764_800;

/**
 * Makes Pulumi's own login and the one for previews, and revokes the root token; keeps logins that work, rebuilds those
 * that are lost. Whether one still works is for diff to find out, without leaving a trace in the state. Deleting it
 * removes the roles, and with them every login.
 */
export const { check, diff, create, createIn, update, updateIn, read, delete_ } = defineResource<
  ProtocolContext,
  AdminAccessInputs,
  AdminAccessOutputs
>({
  ...inVault,
  faults: async (faults, inputs) => {
    targetFaults(faults, inputs.target);
    faults.label("keysSecret", inputs.keysSecret);
    faults.text("clusterId", inputs.clusterId);
    faults.text("adminPolicy", inputs.adminPolicy);
    faults.text("previewPolicy", inputs.previewPolicy);
    accessFaults(faults, inputs);
    await escrowFaults(faults, inputs);
  },
  compared: [
    ...(["keysSecret", "clusterId", "escrowPrivateKey", "escrowPreviousPrivateKey"] as const),
    ...(["encodedRootToken", "authPath", "tokenTtl"] as const),
    ...(["adminPolicy", "previewPolicy", "protocolVersion"] as const),
  ],
  isOff: (olds, news) => {
    const { login, preview } = loginsOf(olds);
    return !isSameVault(olds.target, news.target) || login === null || preview === null;
  },
  find: (context, { target, adminPolicy, previewPolicy }, olds) =>
    isLost(context, { ...olds, target, adminPolicy, previewPolicy }),
  reconcile: (context, inputs, olds) => {
    const isElsewhere = olds?.authPath !== inputs.authPath;
    return establish(context, inputs, olds === null || isElsewhere ? { login: null, preview: null } : loginsOf(olds));
  },
  look: seeAnswering,
  remove: takeRoles,
  removesIfReached: true,
});

function accessFaults(faults: Faults, inputs: AdminAccessInputs): void {
  const isPath = typeof inputs.authPath === "string" && /^[a-z0-9]([a-z0-9_-]*[a-z0-9])?$/.test(inputs.authPath);
  faults.expect(
    "authPath",
    inputs.authPath,
    isPath,
    "be one path segment of lower-case letters, digits, - and _",
    shown(inputs.authPath),
  );
  faults.integer("tokenTtl", inputs.tokenTtl, 60, maxTtlSeconds);
  const encodedRootToken: unknown = inputs.encodedRootToken;
  const isEncoded =
    encodedRootToken === undefined ||
    (typeof encodedRootToken === "string" && /^[A-Za-z0-9+/]+={0,2}$/.test(encodedRootToken));
  faults.expect("encodedRootToken", encodedRootToken, isEncoded, "be the encoded token as Vault shows it, in base64");
}

/** False while no node leads: what cannot be asked is no reason to act. */
async function isLost(context: ProtocolContext, olds: AdminAccessOutputs): Promise<boolean> {
  const node = await leadingNode(context, olds.target);
  const { login, preview } = loginsOf(olds);
  if (node === null || login === null || preview === null) return false;
  const previewing = await loginToken(node, olds.authPath, preview);
  await (previewing === null ? undefined : node.as(previewing).revokeSelf());
  const token = await loginToken(node, olds.authPath, login);
  if (token === null || previewing === null) return true;
  const session = node.as(token);
  let edited = false;
  for (const [name, document] of Object.entries(ownPolicies(olds))) {
    edited ||= (await session.readPolicy(name)) !== document;
  }
  await session.revokeSelf();
  const { parsed } = await readKeys(context.kube, olds.target.namespace, olds.keysSecret);
  return edited || (parsed.kind === "keys" && parsed.record.rootToken !== null);
}

async function takeRoles(context: ProtocolContext, props: AdminAccessOutputs): Promise<void> {
  const { login } = loginsOf(props);
  const node = await leadingNode(context, props.target);
  const token = node === null || login === null ? null : await loginToken(node, props.authPath, login);
  if (node === null || token === null) return;
  const session = node.as(token);
  await session.deleteRole(props.authPath, previewRoleName);
  await session.deleteRole(props.authPath, adminRoleName);
  await session.revokeSelf();
}

/**
 * The logins in stored outputs; null when a state was edited, is of an earlier version, or a run never got that far.
 */
function loginsOf(outputs: Partial<AdminAccessOutputs>): AdminLogins {
  return {
    login: loginOf(outputs.roleId, outputs.secretId),
    preview: loginOf(outputs.previewRoleId, outputs.previewSecretId),
  };
}

function loginOf(roleId = "", secretId = ""): AdminLogin | null {
  return roleId === "" || secretId === "" ? null : { roleId, secretId };
}

async function establish(
  context: ProtocolContext,
  inputs: AdminAccessInputs,
  known: AdminLogins,
): Promise<Added<AdminAccessInputs, AdminAccessOutputs>> {
  try {
    return outputsOf(await runAdminAccess(context, inputs, known));
  } catch (error) {
    if (!(error instanceof UnfinishedAccess)) throw error;
    const outputs = { ...withoutProvider(inputs), ...outputsOf(error.logins) };
    throw new PartialFailure(resourceId(inputs.target), inputs, outputs, [error.message], { cause: error });
  }
}

/** Empty strings stand for a login that was not made, which the next run makes. */
function outputsOf({ login, preview }: AdminLogins): Added<AdminAccessInputs, AdminAccessOutputs> {
  const { roleId = "", secretId = "" } = login ?? {};
  const { roleId: previewRoleId = "", secretId: previewSecretId = "" } = preview ?? {};
  const logins = { roleId, secretId, previewRoleId, previewSecretId };
  return { ...logins, policyName: adminPolicyName };
}
