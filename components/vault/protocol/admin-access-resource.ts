/**
 * `vault:AdminAccess` for Pulumi: check → pure; create, update → the admin access protocol; diff → try the login;
 * read → see that the cluster answers; delete → take the role away while Vault still serves.
 */
import type { dynamic } from "@pulumi/pulumi";
import { loginToken } from "./admin-access-evidence.ts";
import { type AdminLogin, runAdminAccess, UnfinishedAccess } from "./admin-access-protocol.ts";
import { adminPolicyDocument } from "./admin-policy.ts";
import { escrowFaults } from "./escrow.ts";
import { type Fault, Faults, shown } from "./faults.ts";
import { glance } from "./glance.ts";
import { leadingNode } from "./leading-node.ts";
import { readKeys } from "./keys-secret.ts";
import { lacksCode, PartialFailure, resourceId, withoutProvider } from "./partial-failure.ts";
import { openContext, type ProtocolContext, surveyArgs } from "./protocol-context.ts";
import { surveyNodes } from "./survey.ts";
import { targetFaults } from "./target-faults.ts";
import { isSameVault } from "./target-identity.ts";
import { ADMIN_POLICY_NAME, ADMIN_ROLE_NAME, type AdminAccessInputs, type AdminAccessOutputs } from "./types.ts";
import { changedProperties } from "./unknown.ts";

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

/** An update when an input changed, the login is gone, its policy was edited, or root still waits to be revoked. */
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
  if (moved || changed.length > 0 || lacksCode(olds, news) || loginOf(olds) === null) {
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
  const login = loginOf(olds);
  if (node === null || login === null) {
    return false;
  }
  const token = await loginToken(node, olds.authPath, login);
  if (token === null) {
    return true;
  }
  const session = node.as(token);
  const edited = (await session.readPolicy(ADMIN_POLICY_NAME)) !== adminPolicyDocument();
  await session.revokeSelf();
  const { parsed } = await readKeys(context.kube, olds.target.namespace, olds.keysSecret);
  return edited || (parsed.kind === "keys" && parsed.record.rootToken !== null);
}

/** Makes Pulumi's own login and ends the root token. */
export async function create(inputs: AdminAccessInputs): Promise<dynamic.CreateResult<AdminAccessOutputs>> {
  return createIn(await openContext(inputs.target.kubeContext), inputs);
}

/** {@link create} in a given context. */
export async function createIn(
  context: ProtocolContext,
  inputs: AdminAccessInputs,
): Promise<dynamic.CreateResult<AdminAccessOutputs>> {
  return { id: resourceId(inputs.target), outs: await reconcile(context, inputs, null) };
}

/** Keeps a login that works, rebuilds one that is lost. */
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
  return { outs: await reconcile(context, news, elsewhere ? null : loginOf(olds)) };
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

/** Takes the role, and with it every login, away while Vault serves; when it does not, there is nothing to take. */
export async function delete_(_id: string, props: AdminAccessOutputs): Promise<void> {
  const login = loginOf(props);
  await glance(async () => {
    const node = await leadingNode(await openContext(props.target.kubeContext), props.target);
    const token = node === null || login === null ? null : await loginToken(node, props.authPath, login);
    if (node !== null && token !== null) {
      const session = node.as(token);
      await session.deleteRole(props.authPath, ADMIN_ROLE_NAME);
      await session.revokeSelf();
    }
  });
}

/** The login in stored outputs; null when a state was edited or a run never got that far. */
function loginOf(outputs: Partial<AdminAccessOutputs>): AdminLogin | null {
  const { roleId, secretId } = outputs;
  return roleId === undefined || roleId === "" || secretId === undefined || secretId === ""
    ? null
    : { roleId, secretId };
}

async function reconcile(
  context: ProtocolContext,
  inputs: AdminAccessInputs,
  known: AdminLogin | null,
): Promise<AdminAccessOutputs> {
  const properties = withoutProvider(inputs);
  try {
    return { ...properties, ...(await runAdminAccess(context, inputs, known)), policyName: ADMIN_POLICY_NAME };
  } catch (error) {
    if (!(error instanceof UnfinishedAccess)) {
      throw error;
    }
    const outputs: AdminAccessOutputs = { ...properties, ...error.login, policyName: ADMIN_POLICY_NAME };
    throw new PartialFailure(resourceId(inputs.target), inputs, outputs, [error.message], { cause: error });
  }
}
