import fc from "fast-check";
import { expect, test } from "vitest";
import * as adminAccess from "../../../protocol/admin-access/admin-access-resource.ts";
import * as init from "../../../protocol/init/init-resource.ts";
import type { AdminAccessInputs, AdminAccessOutputs } from "../../../protocol/admin-access/admin-access-properties.ts";
import type { InitInputs, InitOutputs } from "../../../protocol/init/init-properties.ts";
import type { RekeyInputs } from "../../../protocol/rekey/rekey-properties.ts";
import type { UnsealInputs, UnsealOutputs } from "../../../protocol/unseal/unseal-properties.ts";
import { unknownValue } from "../../../protocol/frame/unknown.ts";
import * as rekey from "../../../protocol/rekey/rekey-resource.ts";
import * as unseal from "../../../protocol/unseal/unseal-resource.ts";
import { makeEscrow } from "../../support/escrow-key.ts";

const escrow = await makeEscrow();

const target = {
  kubeContext: "nowhere",
  namespace: "vault",
  statefulSet: "vault",
  pods: ["vault-0"],
  port: 8200,
  tls: null,
};

const initInputs: InitInputs = {
  target,
  keysSecret: "vault-keys",
  secretShares: 2,
  secretThreshold: 2,
  shareRecipients: [escrow.publicKey, escrow.publicKey],
  keysGeneration: 1,
  rootTokenRecipient: escrow.publicKey,
  seal: "shamir",
  previousSeal: null,
  allowReinitialize: false,
  adoptExisting: false,
  escrowPrivateKey: escrow.privateKey,
  protocolVersion: 1,
};

const unsealInputs: UnsealInputs = {
  target,
  keysSecret: "vault-keys",
  keysFingerprint: "sha256:0",
  escrowPrivateKey: escrow.privateKey,
  escrowPreviousPrivateKey: escrow.privateKey,
  podTemplateHash: "hash",
  protocolVersion: 1,
};

const adminLogins = {
  roleId: "role",
  secretId: "secret",
  previewRoleId: "preview-role",
  previewSecretId: "preview-secret",
  policyName: "pulumi-admin",
};

const adminInputs: AdminAccessInputs = {
  target,
  keysSecret: "vault-keys",
  clusterId: "cluster",
  escrowPrivateKey: escrow.privateKey,
  escrowPreviousPrivateKey: escrow.privateKey,
  encodedRootToken: "d29yZA==",
  authPath: "approle-pulumi",
  tokenTtl: 3600,
  adminPolicy: "what the program may do",
  previewPolicy: "what a preview may do",
  protocolVersion: 1,
};

const rekeyInputs: RekeyInputs = {
  target,
  keysSecret: "vault-keys",
  clusterId: "cluster",
  secretShares: 2,
  secretThreshold: 2,
  shareRecipients: [escrow.publicKey, escrow.publicKey],
  keysGeneration: 1,
  escrowPrivateKey: escrow.privateKey,
  escrowPreviousPrivateKey: escrow.privateKey,
  authPath: "approle-pulumi",
  roleId: "role",
  secretId: "secret",
  protocolVersion: 1,
};

/** The properties with a fault, in order. */
async function faultsOf(change: object): Promise<string[]> {
  const { failures = [] } = await init.check(initInputs, { ...initInputs, ...change });
  return failures.map(({ property }) => property);
}

test("accepts inputs that hold", async () => {
  expect(await faultsOf({})).toEqual([]);
  expect((await unseal.check(unsealInputs, unsealInputs)).failures).toEqual([]);
  expect((await adminAccess.check(adminInputs, adminInputs)).failures).toEqual([]);
  expect((await rekey.check(rekeyInputs, rekeyInputs)).failures).toEqual([]);
});

test.each([
  ["a threshold above the shares", { secretThreshold: 3 }, ["secretThreshold"]],
  ["no threshold at all", { secretThreshold: 0 }, ["secretThreshold"]],
  ["a negative number of shares", { secretShares: -1 }, ["secretShares", "secretThreshold", "shareRecipients"]],
  ["more shares than Vault can make", { secretShares: 256 }, ["secretShares", "shareRecipients"]],
  ["half a share", { secretShares: 1.5 }, ["secretShares"]],
  ["a number that is none", { secretShares: Number.NaN }, ["secretShares"]],
  ["a number written as text", { secretShares: "2" }, ["secretShares"]],
  ["one of several shares as threshold", { secretThreshold: 1 }, ["secretThreshold"]],
  ["another number of recipients than shares", { shareRecipients: [escrow.publicKey] }, ["shareRecipients"]],
  ["a recipient that is not base64", { shareRecipients: [escrow.publicKey, "-----BEGIN PGP"] }, ["shareRecipients[1]"]],
  ["a recipient that is no PGP key", { shareRecipients: [escrow.publicKey, "AAAA"] }, ["shareRecipients[1]"]],
  [
    "a private key as recipient",
    { rootTokenRecipient: Buffer.from(escrow.privateKey).toString("base64") },
    ["rootTokenRecipient"],
  ],
  ["a namespace that is no name", { target: { ...target, namespace: "Vault_1" } }, ["target.namespace"]],
  ["a pod named twice", { target: { ...target, pods: ["vault-0", "vault-0"] } }, ["target.pods"]],
  ["no pods", { target: { ...target, pods: [] } }, ["target.pods"]],
  ["a port that is none", { target: { ...target, port: 70_000 } }, ["target.port"]],
  ["a target that is none", { target: "vault" }, ["target"]],
  [
    "TLS without a Secret of authorities",
    { target: { ...target, tls: { serverName: "vault", authoritySecret: "" } } },
    ["target.tls.authoritySecret"],
  ],
])("rejects %s before any pod is contacted", async (_name, change, properties) => {
  expect(await faultsOf(change)).toEqual(properties);
});

test("lists every fault at once", async () => {
  const faults = await faultsOf({ secretShares: 0, keysSecret: "Not A Name", rootTokenRecipient: "x" });
  expect(faults).toEqual(expect.arrayContaining(["secretShares", "keysSecret", "rootTokenRecipient"]));
});

test("repeats nothing of a private key that is wrong", async () => {
  const damaged = escrow.privateKey.replace(/[A-Za-z0-9+/]{40}/, "A".repeat(40));
  const { failures } = await unseal.check(unsealInputs, { ...unsealInputs, escrowPrivateKey: damaged });
  const lines = damaged.split("\n").filter((line) => line.length > 40);
  expect(failures).toHaveLength(1);
  expect(lines.some((line) => JSON.stringify(failures).includes(line))).toBe(false);
});

/** Paths of every value inside, so that each can be made unknown in its turn. */
function pathsOf(value: unknown, path: readonly string[] = []): string[][] {
  const here = path.length === 0 ? [] : [[...path]];
  return typeof value === "object" && value !== null
    ? [...here, ...Object.entries(value).flatMap(([key, part]) => pathsOf(part, [...path, key]))]
    : here;
}

function withUnknown<T extends object>(value: T, [key = "", ...rest]: readonly string[]): T {
  const copy = structuredClone(value);
  Reflect.set(copy, key, rest.length === 0 ? unknownValue : withUnknown(Reflect.get(copy, key) as object, rest));
  return copy;
}

test.each(pathsOf({ ...initInputs, target: { ...target, tls: null } }))(
  "vault:Init takes an unknown %s %s %s in a preview for a change",
  async (...path) => {
    const news = withUnknown(initInputs, path);
    const olds: InitOutputs = { ...initInputs, keysFingerprint: "sha256:0", initializedAt: "2026-01-01T00:00:00Z" };
    expect((await init.check(initInputs, news)).failures).toEqual([]);
    expect(await init.diff("vault/vault", olds, news)).toEqual({ changes: true });
  },
);

test.each(pathsOf(unsealInputs))(
  "vault:Unseal takes an unknown %s %s %s in a preview for a change",
  async (...path) => {
    const news = withUnknown(unsealInputs, path);
    const olds: UnsealOutputs = { ...unsealInputs, clusterId: "cluster", serving: true, sealedNodes: [] };
    expect((await unseal.check(unsealInputs, news)).failures).toEqual([]);
    expect(await unseal.diff("vault/vault", olds, news)).toEqual({ changes: true });
  },
);

test.each(pathsOf(adminInputs))(
  "vault:AdminAccess takes an unknown %s %s %s in a preview for a change",
  async (...path) => {
    const news = withUnknown(adminInputs, path);
    const olds: AdminAccessOutputs = { ...adminInputs, ...adminLogins };
    expect((await adminAccess.check(adminInputs, news)).failures).toEqual([]);
    expect(await adminAccess.diff("vault/vault", olds, news)).toEqual({ changes: true });
  },
);

test.each(pathsOf(rekeyInputs))("vault:Rekey takes an unknown %s %s %s in a preview for a change", async (...path) => {
  const news = withUnknown(rekeyInputs, path);
  expect((await rekey.check(rekeyInputs, news)).failures).toEqual([]);
  expect(await rekey.diff("vault/vault", { ...rekeyInputs, keysInUse: "sha256:0" }, news)).toEqual({ changes: true });
});

test("a set of keys has the same faults whether Vault is initialised or rekeyed with it", async () => {
  await fc.assert(
    fc.asyncProperty(fc.jsonValue(), fc.jsonValue(), fc.jsonValue(), async (shares, threshold, recipients) => {
      const change = { secretShares: shares, secretThreshold: threshold, shareRecipients: recipients } as object;
      const { failures = [] } = await rekey.check(rekeyInputs, { ...rekeyInputs, ...change });
      expect(failures.map(({ property }) => property)).toEqual(await faultsOf(change));
    }),
  );
});

const checks = [
  ["vault:Init", initInputs, (news: object) => init.check(initInputs, { ...initInputs, ...news })],
  ["vault:Unseal", unsealInputs, (news: object) => unseal.check(unsealInputs, { ...unsealInputs, ...news })],
  ["vault:AdminAccess", adminInputs, (news: object) => adminAccess.check(adminInputs, { ...adminInputs, ...news })],
] as const;

test.each(checks)("%s checks inputs of any type without failing itself", async (_type, inputs, check) => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...Object.keys(inputs)), fc.jsonValue(), async (property, value) => {
      const { failures = [] } = await check({ [property]: value });
      for (const { property: path, reason } of failures) expect(reason.startsWith(path)).toBe(true);
    }),
  );
});

test("names exactly the recipients that are no public keys, whatever their number and places", async () => {
  const wrong = fc.oneof(
    fc.string().filter((text) => text !== escrow.publicKey),
    fc.base64String(),
    fc.constant(escrow.privateKey),
  );
  const recipients = fc.array(fc.oneof(fc.constant(escrow.publicKey), wrong), { minLength: 2, maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(recipients, async (shareRecipients) => {
      const secretShares = shareRecipients.length;
      const expected = shareRecipients.flatMap((recipient, index) =>
        recipient === escrow.publicKey ? [] : [`shareRecipients[${index}]`],
      );
      expect(await faultsOf({ secretShares, shareRecipients })).toEqual(expected);
    }),
  );
});

test("asks for one recipient per share", async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 2, max: 8 }), fc.integer({ min: 0, max: 8 }), async (secretShares, number) => {
      const shareRecipients = Array.from({ length: number }, () => escrow.publicKey);
      expect(await faultsOf({ secretShares, shareRecipients })).toEqual(
        number === secretShares ? [] : ["shareRecipients"],
      );
    }),
  );
});

test("accepts every number of shares and threshold that Vault accepts, and no other", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: -2, max: 12 }),
      fc.integer({ min: -2, max: 12 }),
      async (secretShares, secretThreshold) => {
        const shareRecipients = Array.from({ length: Math.max(secretShares, 0) }, () => escrow.publicKey);
        const holds =
          secretShares >= 1 &&
          secretThreshold >= 1 &&
          secretThreshold <= secretShares &&
          (secretThreshold > 1 || secretShares === 1);
        expect((await faultsOf({ secretShares, secretThreshold, shareRecipients })).length === 0).toBe(holds);
      },
    ),
  );
});
