/**
 * `vault:AdminAccess` for Pulumi: check → pure; create, update → the admin access protocol; diff → try the login;
 * read → see that the cluster answers; delete → take the role away while Vault still serves.
 */
import type { dynamic } from "@pulumi/pulumi";
import { loginToken } from "./admin-access-evidence.ts";
import { ownPolicies } from "./admin-access-login.ts";
import { type AdminLogin, type AdminLogins, runAdminAccess, UnfinishedAccess } from "./admin-access-protocol.ts";
import { escrowFaults } from "../keys/escrow.ts";
import { type Fault, Faults, shown } from "../frame/faults.ts";
import { glance } from "../frame/glance.ts";
import { leadingNode } from "../vault-client/leading-node.ts";
import { readKeys } from "../keys/keys-secret.ts";
import { PartialFailure, resourceId, withoutProvider } from "../frame/partial-failure.ts";
import { openContext, type ProtocolContext, surveyArgs } from "../frame/protocol-context.ts";
import { surveyNodes } from "../vault-client/survey.ts";
import { targetFaults } from "../frame/target-faults.ts";
import { isSameVault } from "../frame/target-identity.ts";
import {
  ADMIN_POLICY_NAME,
  ADMIN_ROLE_NAME,
  type AdminAccessInputs,
  type AdminAccessOutputs,
  PREVIEW_ROLE_NAME,
} from "../types.ts";
import { changedProperties } from "../frame/unknown.ts";

/** Vault's own upper bound of a token's life unless it is configured otherwise: 32 days. */
const MAX_TTL_SECONDS = 2_764_800;

/** Every fault of the inputs at once; nothing is contacted. */
export async function check(
  _olds: AdminAccessInputs,
  news: AdminAccessInputs,
): Promise<dynamic.CheckResult<AdminAccessInputs>> {
  return { inputs: news, failures: await adminAccessFaults(news) };
}

async function adminAccessFaults(inputs: AdminAccessInputs): Promise<Fault[]> {
  const faults = new Faults();
  targetFaults(faults, inputs.target);
  faults.label("keysSecret", inputs.keysSecret);
  faults.text("clusterId", inputs.clusterId);
  const isPath = typeof inputs.authPath === "string" && /^[a-z0-9]([a-z0-9_-]*[a-z0-9])?$/.test(inputs.authPath);
  faults.expect(
    "authPath",
    inputs.authPath,
    isPath,
    "be one path segment of lower-case letters, digits, - and _",
    shown(inputs.authPath),
  );
  faults.integer("tokenTtl", inputs.tokenTtl, 60, MAX_TTL_SECONDS);
  faults.integer("protocolVersion", inputs.protocolVersion, 1, Number.MAX_SAFE_INTEGER);
  const encodedRootToken: unknown = inputs.encodedRootToken;
  const isEncoded =
    encodedRootToken === undefined ||
    (typeof encodedRootToken === "string" && /^[A-Za-z0-9+/]+={0,2}$/.test(encodedRootToken));
  faults.expect("encodedRootToken", encodedRootToken, isEncoded, "be the encoded token as Vault shows it, in base64");
  return [...faults.list, ...(await escrowFaults(inputs))];
}

/** An update when an input changed, a login is gone, its policy was edited, or root still waits to be revoked. */
export async function diff(
  _id: string,
  olds: AdminAccessOutputs,
  news: AdminAccessInputs,
): Promise<dynamic.DiffResult> {
  const inputs = [
    "keysSecret",
    "clusterId",
    "escrowPrivateKey",
    "escrowPreviousPrivateKey",
    "encodedRootToken",
    "authPath",
    "tokenTtl",
    "protocolVersion",
  ] as const;
  const changed = changedProperties<AdminAccessInputs>(olds, news, inputs);
  const moved = !isSameVault(olds.target, news.target);
  const { login, preview } = loginsOf(olds);
  if (moved || changed.length > 0 || login === null || preview === null) {
    return { changes: true };
  }
  return {
    changes:
      (await glance(async () =>
        isLost(await openContext(news.target.kubeContext), { ...olds, target: news.target }),
      )) === true,
  };
}

/** False while no node leads: what cannot be asked is no reason to act. */
async function isLost(context: ProtocolContext, olds: AdminAccessOutputs): Promise<boolean> {
  const node = await leadingNode(context, olds.target);
  const { login, preview } = loginsOf(olds);
  if (node === null || login === null || preview === null) {
    return false;
  }
  const previewing = await loginToken(node, olds.authPath, preview);
  await (previewing === null ? undefined : node.as(previewing).revokeSelf());
  const token = await loginToken(node, olds.authPath, login);
  if (token === null || previewing === null) {
    return true;
  }
  const session = node.as(token);
  let edited = false;
  for (const [name, document] of Object.entries(ownPolicies())) {
    edited ||= (await session.readPolicy(name)) !== document;
  }
  await session.revokeSelf();
  const { parsed } = await readKeys(context.kube, olds.target.namespace, olds.keysSecret);
  return edited || (parsed.kind === "keys" && parsed.record.rootToken !== null);
}

/** Makes Pulumi's own login and the one for previews, and ends the root token. */
export async function create(inputs: AdminAccessInputs): Promise<dynamic.CreateResult<AdminAccessOutputs>> {
  return createIn(await openContext(inputs.target.kubeContext), inputs);
}

/** {@link create} in a given context. */
export async function createIn(
  context: ProtocolContext,
  inputs: AdminAccessInputs,
): Promise<dynamic.CreateResult<AdminAccessOutputs>> {
  return { id: resourceId(inputs.target), outs: await reconcile(context, inputs, { login: null, preview: null }) };
}

/** Keeps logins that work, rebuilds those that are lost. */
export async function update(
  _id: string,
  olds: AdminAccessOutputs,
  news: AdminAccessInputs,
): Promise<dynamic.UpdateResult<AdminAccessOutputs>> {
  return updateIn(await openContext(news.target.kubeContext), olds, news);
}

/** {@link update} in a given context. */
export async function updateIn(
  context: ProtocolContext,
  olds: AdminAccessOutputs,
  news: AdminAccessInputs,
): Promise<dynamic.UpdateResult<AdminAccessOutputs>> {
  const elsewhere = olds.authPath !== news.authPath;
  return { outs: await reconcile(context, news, elsewhere ? { login: null, preview: null } : loginsOf(olds)) };
}

/**
 * The login as it is known; whether it still works is for diff to find out, without leaving a trace in the state.
 *
 * @throws when the API server does not answer.
 */
export async function read(id: string, props: AdminAccessOutputs): Promise<dynamic.ReadResult<AdminAccessOutputs>> {
  const context = await openContext(props.target.kubeContext);
  await surveyNodes(surveyArgs(context, props.target));
  return { id, props };
}

/** Takes the roles, and with them every login, away while Vault serves; when it does not, there is nothing to take. */
export async function delete_(_id: string, props: AdminAccessOutputs): Promise<void> {
  const { login } = loginsOf(props);
  await glance(async () => {
    const node = await leadingNode(await openContext(props.target.kubeContext), props.target);
    const token = node === null || login === null ? null : await loginToken(node, props.authPath, login);
    if (node !== null && token !== null) {
      const session = node.as(token);
      await session.deleteRole(props.authPath, PREVIEW_ROLE_NAME);
      await session.deleteRole(props.authPath, ADMIN_ROLE_NAME);
      await session.revokeSelf();
    }
  });
}

/** The logins in stored outputs; null when a state was edited, is of an earlier version, or a run never got that far. */
function loginsOf(outputs: Partial<AdminAccessOutputs>): AdminLogins {
  return {
    login: loginOf(outputs.roleId, outputs.secretId),
    preview: loginOf(outputs.previewRoleId, outputs.previewSecretId),
  };
}

function loginOf(roleId = "", secretId = ""): AdminLogin | null {
  return roleId === "" || secretId === "" ? null : { roleId, secretId };
}

async function reconcile(
  context: ProtocolContext,
  inputs: AdminAccessInputs,
  known: AdminLogins,
): Promise<AdminAccessOutputs> {
  try {
    return outputsOf(inputs, await runAdminAccess(context, inputs, known));
  } catch (error) {
    if (!(error instanceof UnfinishedAccess)) {
      throw error;
    }
    const outputs = outputsOf(inputs, error.logins);
    throw new PartialFailure(resourceId(inputs.target), inputs, outputs, [error.message], { cause: error });
  }
}

/** Empty texts stand for a login that was not made, which the next run makes. */
function outputsOf(inputs: AdminAccessInputs, { login, preview }: AdminLogins): AdminAccessOutputs {
  const { roleId = "", secretId = "" } = login ?? {};
  const { roleId: previewRoleId = "", secretId: previewSecretId = "" } = preview ?? {};
  const logins = { roleId, secretId, previewRoleId, previewSecretId };
  return { ...withoutProvider(inputs), ...logins, policyName: ADMIN_POLICY_NAME };
}
