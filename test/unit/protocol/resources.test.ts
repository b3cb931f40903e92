import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import * as adminAccess from "../../../protocol/admin-access/admin-access-resource.ts";
import * as init from "../../../protocol/init/init-resource.ts";
import { withoutProvider } from "../../../protocol/frame/partial-failure.ts";
import type { AdminAccessInputs, AdminAccessOutputs } from "../../../protocol/admin-access/admin-access-properties.ts";
import type { InitInputs, InitOutputs } from "../../../protocol/init/init-properties.ts";
import type { UnsealInputs, UnsealOutputs } from "../../../protocol/unseal/unseal-properties.ts";
import * as unseal from "../../../protocol/unseal/unseal-resource.ts";
import { type EscrowPair, makeEscrow } from "../../support/escrow-key.ts";
import { VaultWorld } from "../../support/vault-world.ts";

/** The faces Pulumi sees, over a kubeconfig as they find it. What they do inside is walked through in test/faults. */

let escrow: EscrowPair;
let world: VaultWorld;

beforeAll(async () => {
  escrow = await makeEscrow();
});

beforeEach(async () => {
  world = await new VaultWorld({ escrow }).listen();
  vi.stubEnv("KUBECONFIG", await world.kube.kubeconfig());
  return () => world.close();
});

// The other files of this process find the variable as it was, absent if it was absent.
afterAll(() => {
  vi.unstubAllEnvs();
});

interface Created {
  readonly init: { id: string; inputs: InitInputs; outs: InitOutputs };
  readonly unseal: { id: string; inputs: UnsealInputs; outs: UnsealOutputs };
  readonly admin: { id: string; inputs: AdminAccessInputs; outs: AdminAccessOutputs };
}

async function createAll(): Promise<Created> {
  const { initInputs } = world.stack;
  const made = await init.create(initInputs);
  const shared = {
    target: world.target,
    keysSecret: "vault-keys",
    escrowPrivateKey: escrow.privateKey,
    protocolVersion: 1,
  };
  const unsealInputs = { ...shared, keysFingerprint: made.outs?.keysFingerprint ?? "", podTemplateHash: "hash" };
  const unsealed = await unseal.create(unsealInputs);
  const adminInputs = {
    ...shared,
    clusterId: unsealed.outs?.clusterId ?? "",
    authPath: "approle-pulumi",
    tokenTtl: 3600,
    adminPolicy: "what the program may do",
    previewPolicy: "what a preview may do",
  };
  const admin = await adminAccess.create(adminInputs);
  return {
    init: { id: made.id, inputs: withoutProvider(initInputs), outs: made.outs! },
    unseal: { id: unsealed.id, inputs: unsealInputs, outs: unsealed.outs! },
    admin: { id: admin.id, inputs: adminInputs, outs: admin.outs! },
  };
}

test("creating gives what the program declares, under a stable id", async () => {
  const made = await createAll();
  expect(made.init.id).toBe("vault/vault");
  expect(made.init.outs).toMatchObject({
    keysFingerprint: expect.stringMatching(/^sha256:/) as string,
    initializedAt: expect.any(String) as string,
  });
  expect(made.unseal.outs).toMatchObject({ clusterId: world.vault.storage.clusterId, serving: true, sealedNodes: [] });
  expect(made.admin.outs).toMatchObject({ policyName: "pulumi-admin", authPath: "approle-pulumi" });
  expect("__provider" in made.init.outs).toBe(false);
});

test("nothing differs when nothing changed", async () => {
  const made = await createAll();
  expect(await init.diff("", made.init.outs, made.init.inputs)).toEqual({ changes: false });
  expect(await unseal.diff("", made.unseal.outs, made.unseal.inputs)).toEqual({ changes: false });
  expect(await adminAccess.diff("", made.admin.outs, made.admin.inputs)).toEqual({ changes: false });
});

test("code alone is no change", async () => {
  const made = await createAll();
  const { init: ofInit, unseal: ofUnseal, admin: ofAdmin } = made;
  const [olds, news] = [{ __provider: "code" }, { __provider: "other code" }];
  const none = { changes: false };
  expect(await init.diff("", { ...ofInit.outs, ...olds }, { ...ofInit.inputs, ...news })).toEqual(none);
  expect(await unseal.diff("", { ...ofUnseal.outs, ...olds }, { ...ofUnseal.inputs, ...news })).toEqual(none);
  expect(await adminAccess.diff("", { ...ofAdmin.outs, ...olds }, { ...ofAdmin.inputs, ...news })).toEqual(none);
});

test("a new version of the protocol is a change", async () => {
  const made = await createAll();
  expect(await init.diff("", made.init.outs, { ...made.init.inputs, protocolVersion: 2 })).toEqual({ changes: true });
});

test("a sealed node is an update of the unsealing and of nothing else", async () => {
  const made = await createAll();
  world.kube.restartPod("vault-0");
  expect(await init.diff("", made.init.outs, made.init.inputs)).toEqual({ changes: false });
  expect(await unseal.diff("", made.unseal.outs, made.unseal.inputs)).toEqual({ changes: true });
  expect(await adminAccess.diff("", made.admin.outs, made.admin.inputs)).toEqual({ changes: false });
  await unseal.update("", made.unseal.outs, made.unseal.inputs);
  expect(await unseal.diff("", made.unseal.outs, made.unseal.inputs)).toEqual({ changes: false });
});

test("a volume that is gone is told by the preview already", async () => {
  const made = await createAll();
  world.kube.loseVolume("vault-0");
  await expect(init.diff("", made.init.outs, made.init.inputs)).rejects.toThrow("docs/runbooks/lost-volume.md");
});

test("a cluster that does not answer fails no preview", async () => {
  const made = await createAll();
  await world.kube.close();
  expect(await init.diff("", made.init.outs, made.init.inputs)).toEqual({ changes: false });
  expect(await unseal.diff("", made.unseal.outs, made.unseal.inputs)).toEqual({ changes: false });
  expect(await adminAccess.diff("", made.admin.outs, made.admin.inputs)).toEqual({ changes: false });
});

test("a cluster that does not answer fails a refresh instead of emptying the state", async () => {
  const made = await createAll();
  await world.kube.close();
  await expect(init.read(made.init.id, made.init.outs)).rejects.toThrow("API server");
  await expect(unseal.read(made.unseal.id, made.unseal.outs)).rejects.toThrow("API server");
  await expect(adminAccess.read(made.admin.id, made.admin.outs)).rejects.toThrow("API server");
});

test("a refresh reports a sealed node and leaves it sealed", async () => {
  const made = await createAll();
  world.kube.restartPod("vault-0");
  const { id, props } = await unseal.read(made.unseal.id, made.unseal.outs);
  expect(id).toBe("vault/vault");
  expect(props).toMatchObject({ serving: false, sealedNodes: ["vault-0"], clusterId: made.unseal.outs.clusterId });
  expect(world.vault.sealed).toBe(true);
});

test("a refresh of what did not change changes nothing", async () => {
  const made = await createAll();
  expect((await init.read(made.init.id, made.init.outs)).props).toEqual(made.init.outs);
  expect((await unseal.read(made.unseal.id, made.unseal.outs)).props).toEqual(made.unseal.outs);
  expect((await adminAccess.read(made.admin.id, made.admin.outs)).props).toEqual(made.admin.outs);
});

test("a login that Vault lost is an update", async () => {
  const made = await createAll();
  world.vault.storage.roles.clear();
  expect(await adminAccess.diff("", made.admin.outs, made.admin.inputs)).toEqual({ changes: true });
});

test.each(["pulumi-admin", "pulumi-preview"])("the policy %s edited by hand is an update", async (policy) => {
  const made = await createAll();
  world.vault.storage.policies.set(policy, "{}");
  expect(await adminAccess.diff("", made.admin.outs, made.admin.inputs)).toEqual({ changes: true });
});

test("a login for previews that Vault lost is an update, and made anew without touching Pulumi's own", async () => {
  const made = await createAll();
  world.vault.storage.roles.delete("approle-pulumi/pulumi-preview");
  expect(await adminAccess.diff("", made.admin.outs, made.admin.inputs)).toEqual({ changes: true });
  const { outs } = await adminAccess.update("", made.admin.outs, made.admin.inputs);
  expect(outs).toMatchObject({ roleId: made.admin.outs.roleId, secretId: made.admin.outs.secretId });
  expect(outs?.previewSecretId).not.toBe(made.admin.outs.previewSecretId);
  expect(await adminAccess.diff("", outs ?? made.admin.outs, made.admin.inputs)).toEqual({ changes: false });
});

test("a state from before there was a login for previews is an update, which adds it by Pulumi's own login", async () => {
  const made = await createAll();
  const before = { ...made.admin.outs, previewRoleId: "", previewSecretId: "" };
  world.vault.storage.roles.delete("approle-pulumi/pulumi-preview");
  world.vault.storage.policies.delete("pulumi-preview");
  expect(await adminAccess.diff("", before, made.admin.inputs)).toEqual({ changes: true });
  const { outs } = await adminAccess.update("", before, made.admin.inputs);
  expect(outs).toMatchObject({ secretId: made.admin.outs.secretId, previewSecretId: expect.any(String) as string });
  expect(world.vault.rootTokens()).toEqual([]);
});

test("outputs missing from an edited state are an update, never a failure", async () => {
  const made = await createAll();
  const without = <T extends object>(outputs: T, ...keys: string[]): T =>
    Object.fromEntries(Object.entries(outputs).filter(([key]) => !keys.includes(key))) as T;
  expect(await unseal.diff("", without(made.unseal.outs, "sealedNodes"), made.unseal.inputs)).toEqual({
    changes: true,
  });
  const admin = without(made.admin.outs, "roleId", "secretId");
  expect(await adminAccess.diff("", admin, made.admin.inputs)).toEqual({ changes: true });
  expect((await adminAccess.update("", admin, made.admin.inputs)).outs?.secretId).toBeDefined();
});

test("deleting takes the login out of a Vault that serves", async () => {
  const made = await createAll();
  await adminAccess.delete_(made.admin.id, made.admin.outs);
  expect(world.vault.storage.roles.size).toBe(0);
  await adminAccess.delete_(made.admin.id, made.admin.outs);
});

test("deleting succeeds when everything is gone", async () => {
  const made = await createAll();
  await world.kube.close();
  await adminAccess.delete_(made.admin.id, made.admin.outs);
  await unseal.delete_(made.unseal.id, made.unseal.outs);
  await init.delete_(made.init.id, made.init.outs);
});

test("a failure after the login was made keeps it, with the code to go on with", async () => {
  const { initInputs } = world.stack;
  const made = await init.create(initInputs);
  const shared = {
    target: world.target,
    keysSecret: "vault-keys",
    escrowPrivateKey: escrow.privateKey,
    protocolVersion: 1,
  };
  const unsealed = await unseal.create({
    ...shared,
    keysFingerprint: made.outs?.keysFingerprint ?? "",
    podTemplateHash: "h",
  });
  world.vault.server.wire = ({ path, token }) =>
    path === "/v1/auth/token/revoke-self" && world.vault.rootTokens().includes(token)
      ? { kind: "answer", status: 500, body: {} }
      : null;
  const inputs = {
    ...shared,
    __provider: "code",
    clusterId: unsealed.outs?.clusterId ?? "",
    authPath: "approle-pulumi",
    tokenTtl: 3600,
    adminPolicy: "what the program may do",
    previewPolicy: "what a preview may do",
  };
  const { context } = world.context();
  const failure: unknown = await adminAccess.createIn(context, inputs).catch((error: unknown) => error);
  expect(failure).toMatchObject({
    id: "vault/vault",
    properties: { __provider: "code", secretId: expect.any(String) as string },
  });
  expect(Array.isArray((failure as { reasons: unknown }).reasons)).toBe(true);
});
