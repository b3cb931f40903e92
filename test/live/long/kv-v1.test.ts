/**
 * A KV version 1 store on a real engine and Vault: it comes up beside the rest of a stack, who has a policy for one
 * secret reads that and nothing else, neither Pulumi's own login nor the one for previews reads a value, an edit that
 * would lose the store is refused, and nothing stays after a destroy. It does not prove that a store made by hand is
 * taken over, nor what people write below `config/`.
 */
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { DevStack, seededPassword } from "../../support/dev-stack.ts";
import { asRoot } from "../../support/emergency-root.ts";
import { secretsOf } from "../../support/plaintext.ts";
import { type Edit, edited, type ProjectCopy } from "../../support/project-copy.ts";
import { vaultAt } from "../../support/vault-client.ts";

const before = 'if (custody !== null) new PreviewAccess("preview-access", insideVault);';
const store = [
  'const legacy = new KvV1Engine("legacy", {}, insideVault);',
  'new Reader("legacy-reader", { rules: readV1Secret(legacy.secret("app/config")) }, insideVault);',
].join("\n");
const withStore: readonly Edit[] = [
  { file: "stacks/platform.ts", from: before, to: `${store}\n${before}` },
  {
    file: "stacks/platform.ts",
    from: "import type * as k8s",
    to: [
      'import { Policy as Reader } from "../components/access/policy.ts";',
      'import { KvV1Engine } from "../components/engines/kv-v1/kv-v1.ts";',
      'import { readV1Secret } from "../components/engines/kv-v1/kv-v1-rules.ts";',
      "import type * as k8s",
    ].join("\n"),
  },
];
const tokenAnswer = z.object({ auth: z.object({ client_token: z.string() }) });
const valueAnswer = z.object({ data: z.record(z.string(), z.string()) });
const outputs = z.object({ accessMatrix: z.array(z.string()) });
const revealed = z
  .object({ plaintext: z.string() })
  .transform(({ plaintext }) => z.string().parse(JSON.parse(plaintext)));
const previewLogin = z.object({ authPath: z.string(), previewRoleId: revealed, previewSecretId: revealed });

let dev: DevStack;
let copy: ProjectCopy;

beforeAll(async () => {
  dev = await DevStack.create("kv-v1", { vault: 31360, webApp: 31361 });
  copy = edited(withStore);
  const up = await dev.stack.withProject(copy.folder, () => dev.stack.up());
  expect(up.code, up.output).toBe(0);
});

afterAll(async () => {
  await dev.remove();
  copy.remove();
});

test("a second preview shows nothing", async () => {
  const preview = await dev.stack.withProject(copy.folder, () => dev.stack.preview("--expect-no-changes"));
  expect(preview.code, preview.output).toBe(0);
});

test("who has the policy reads its secret and is refused others, as the matrix tells", async () => {
  const { accessMatrix } = outputs.parse(await dev.stack.outputs());
  const told = accessMatrix.filter((line) => line.includes("policy legacy-reader"));
  expect(told).toEqual([expect.stringContaining(": read legacy/app/config (")]);

  const { address } = await dev.vault();
  const { shares } = await secretsOf(dev.stack, seededPassword);
  const token = await asRoot(address, shares, async (root) => {
    await root.request("POST", "legacy/app/config", { password: "of the application" });
    await root.request("POST", "legacy/app/other", { password: "of another" });
    const body = { policies: ["legacy-reader"], no_default_policy: true, ttl: "10m" };
    return tokenAnswer.parse(await root.request("POST", "auth/token/create-orphan", body)).auth.client_token;
  });
  const reader = vaultAt(address, token);
  expect(valueAnswer.parse(await reader.request("GET", "legacy/app/config")).data).toEqual({
    password: "of the application",
  });
  const refused: readonly (readonly [string, string, object?])[] = [
    ["GET", "legacy/app/other"],
    ["LIST", "legacy/app"],
    ["LIST", "legacy"],
    ["POST", "legacy/app/config", { password: "another" }],
    ["DELETE", "legacy/app/config"],
    ["GET", "secret/data/webapp/config"],
  ];
  for (const [method, path, body] of refused) expect(await reader.status(method, path, body), path).toBe(403);
});

test("neither Pulumi's own login nor the one for previews reads a value; the latter nowhere in the store", async () => {
  expect(await (await dev.admin()).status("GET", "legacy/app/config")).toBe(403);
  const login = previewLogin.parse(await dev.stack.secretOutputsOf("pulumi-nodejs:dynamic/vault:AdminAccess"));
  const { address } = await dev.vault();
  const token = await vaultAt(address).loginAppRole(login.authPath, login.previewRoleId, login.previewSecretId);
  for (const path of ["legacy/app/config", "legacy/config", "legacy/config/prod", "legacy/roles/payroll"]) {
    expect(await vaultAt(address, token).status("GET", path), path).toBe(403);
  }
});

test("an edit that would lose the store is refused in the preview and in the up, and leaves it as it was", async () => {
  const mounts = async (): Promise<unknown> => (await dev.admin()).request("GET", "sys/mounts/legacy");
  const mounted = z.object({ data: z.object({ accessor: z.string() }) });
  const { accessor } = mounted.parse(await mounts()).data;
  const ofVersion2 = edited([
    ...withStore,
    { file: "stacks/platform.ts", from: 'new KvV1Engine("legacy", {}', to: 'new KvEngine("legacy", { path: "other" }' },
    { file: "stacks/platform.ts", from: 'readV1Secret(legacy.secret("app/config"))', to: "[]" },
  ]);
  onTestFinished(() => {
    ofVersion2.remove();
  });
  const without = async (work: () => ReturnType<typeof dev.stack.up>): Promise<void> => {
    const { code, output } = await work();
    expect(code, output).not.toBe(0);
    expect(output).toContain("legacy: must stay");
    expect(output).toContain("the secrets of the mount legacy");
  };
  await without(() => dev.stack.preview());
  await without(() => dev.stack.up());
  await without(() => dev.stack.withProject(ofVersion2.folder, () => dev.stack.preview()));
  expect(mounted.parse(await mounts()).data.accessor).toBe(accessor);
});

test("the stack is destroyed without a trace", async () => {
  const destroy = await dev.stack.destroy();
  expect(destroy.code, destroy.output).toBe(0);
  expect(await dev.stack.kubectl("get", "namespace", dev.namespace, "--ignore-not-found")).toBe("");
});
