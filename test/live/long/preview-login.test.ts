/**
 * Previews by somebody who must not change anything, of both stacks on a real engine, cluster and Vault: with a copy of
 * the stack, the login for previews and a Kubernetes account that may read. The tests of a stack run in order. They do
 * not prove what the official Kubernetes plugin asks of the cluster in a preview: where it is denied the dry run of a
 * change, ours goes by the inputs.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { stackGraph } from "../../../graph/stack-graph.ts";
import { readRecord } from "../../../scripts/ci/recorded-preview.ts";
import { readerManifests, readerName } from "../../../scripts/ci/reader-manifest.ts";
import { demoSettings, DevStack, seededPassword } from "../../support/dev-stack.ts";
import { HaStack } from "../../support/ha-stack.ts";
import type { EngineRun } from "../../support/live-stack.ts";
import { plaintextHits, previewSecretName, secretsOf } from "../../support/plaintext.ts";
import { superuserOf } from "../../support/postgres-client.ts";
import { type Edit, edited } from "../../support/project-copy.ts";
import { kubeconfigWith } from "../../support/restricted-access.ts";
import { vaultAt, type VaultClient } from "../../support/vault-client.ts";

const passphrase = "of previews and of nothing else";
const revealed = z
  .object({ plaintext: z.string() })
  .transform(({ plaintext }) => z.string().parse(JSON.parse(plaintext)));
const previewLogin = z.object({ authPath: z.string(), previewRoleId: revealed, previewSecretId: revealed });

const policyAnswer = z.object({ data: z.object({ policy: z.string() }) });

const widerPolicy: Edit = {
  file: "demo/demo.ts",
  from: "{ rules: readSecret(secret) }",
  to: '{ rules: [{ path: secret.dataPath, capabilities: ["read", "list"] }] }',
};

/** A stack and what tests do with it. */
interface Subject {
  readonly dev: DevStack;
  /** Makes this process trust Vault's certificate. */
  readonly trust: () => Promise<void>;
}

const subjects: readonly (readonly [profile: string, create: () => Promise<Subject>])[] = [
  [
    "dev",
    async () => {
      const dev = await DevStack.create("pv-dev", { vault: 31345, webApp: 31346 });
      return { dev, trust: () => Promise.resolve() };
    },
  ],
  [
    "ha",
    async () => {
      const ha = await HaStack.create("pv-ha", { vault: 31350, webApp: 31351 });
      return { dev: ha.dev, trust: () => ha.trust() };
    },
  ],
];

describe.each(subjects)("the stack %s", (profile, create) => {
  let folder: string;
  let copy: string;
  let dev: DevStack;
  let trust: Subject["trust"];
  let kubeconfig = "";

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "vaultstack-previews-"));
    copy = join(folder, "copy");
    ({ dev, trust } = await create());
    const up = await dev.stack.up();
    expect(up.code, up.output).toBe(0);
    const { namespace, postgresNamespace } = dev;
    const demo = JSON.stringify(demoSettings(dev.stack.name, 0));
    const settings = { namespace, postgresNamespace, demo, secretsOperator: "none" };
    const { resources } = await stackGraph({ stack: profile, settings });
    const manifests = { apiVersion: "v1", kind: "List", items: readerManifests(resources) };
    await dev.stack.kubectlWithInput(JSON.stringify(manifests), "apply", "-f", "-");
    const token = (await dev.stack.kubectl("-n", dev.namespace, "create", "token", readerName)).trim();
    kubeconfig = await kubeconfigWith(dev.stack, token, folder);
  });

  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true });
    const name = `${readerName}-${dev.namespace}`;
    await dev.stack.kubectl("delete", "clusterrole,clusterrolebinding", name, "--ignore-not-found");
    const destroy = await dev.stack.destroy();
    await dev.remove();
    expect(destroy.code, destroy.output).toBe(0);
  });

  /**
   * Runs a line as the job of a pull request would: with nothing but the passphrase of previews and the reading
   * account.
   */
  async function inPullRequest(line: string, edit?: Edit): Promise<EngineRun> {
    const nothing = { PULUMI_BACKEND_URL: "", PULUMI_CONFIG_PASSPHRASE_FILE: "" };
    return dev.stack.withEnvironment(
      { ...nothing, KUBECONFIG: kubeconfig, PREVIEW_PASSPHRASE: passphrase },
      async () => {
        if (edit === undefined) return dev.stack.shell(line);
        const project = edited([edit]);
        onTestFinished(() => {
          project.remove();
        });
        return dev.stack.withProject(project.folder, () => dev.stack.shell(line));
      },
    );
  }

  const preview = (...flags: readonly string[]): string =>
    `node scripts/ci-preview.ts ${dev.stack.name} --from ${copy} --cluster current -- ${flags.join(" ")}`;
  /** An attempt to carry out what was previewed. */
  const up = (): string => `node test/support/up-of-copy.ts ${dev.stack.name} ${copy}`;

  async function policy(): Promise<string> {
    return policyAnswer.parse(await (await dev.admin()).request("GET", "sys/policies/acl/webapp")).data.policy;
  }

  test("has a copy with the login for previews and no other secret", async () => {
    await dev.stack.withEnvironment({ PREVIEW_PASSPHRASE: passphrase }, async () => {
      const line = `node scripts/ci-state.ts ${dev.stack.name} --to ${copy} --cluster current`;
      const { code, output } = await dev.stack.shell(line);
      expect(code, output).toBe(0);
      expect(output).toContain("and no other secret");
    });
    await trust();
    const shown = await inPullRequest(`node test/support/up-of-copy.ts ${dev.stack.name} ${copy} --show`);
    expect(shown.code, shown.output).toBe(0);
    expect(shown.output).toContain("pulumi-preview");
    const { values } = await secretsOf(dev.stack, seededPassword);
    const { password } = await superuserOf(dev);
    const hits = plaintextHits({ copy: shown.output }, { ...values, "superuser's password": password });
    expect(hits).toEqual([`${previewSecretName} in copy`]);
    expect(shown.output).not.toMatch(/BEGIN (RSA |EC )?PRIVATE KEY/);
  });

  test("previews without a difference, and without a warning", async () => {
    const { code, output } = await inPullRequest(preview("--expect-no-changes"));
    expect(code, output).toBe(0);
    expect(output).not.toContain("cannot be asked in this preview");
    expect(output).not.toContain("another secret than in the copy");
  });

  test("shows an edit as an edit, inside Vault and in the cluster", async () => {
    const record = join(folder, "preview.json");
    const wider = await inPullRequest(preview().replace("--cluster", `--json ${record} --cluster`), widerPolicy);
    expect(wider.code, wider.output).toBe(0);
    const { changes, errors } = readRecord(readFileSync(record, "utf8"));
    expect(errors).toEqual([]);
    expect(changes).toContainEqual({
      operation: "update",
      type: "vault:index/policy:Policy",
      name: "webapp",
      properties: ["policy"],
    });
    // The other is the access matrix among the published outputs.
    expect(changes).toHaveLength(2);
    await dev.stack.set("demo.webAppNodePort", "0");
    const closed = await inPullRequest(preview());
    await dev.stack.set("demo.webAppNodePort", profile === "dev" ? "31346" : "31351");
    expect(closed.code, closed.output).toBe(0);
    expect(closed.output).toMatch(/~.*kubernetes:core\/v1:Service\s+webapp/);
  });

  test("is not changed by an up with what the pull request has", async () => {
    const before = await policy();
    const wider = await inPullRequest(up(), widerPolicy);
    expect(wider.code, wider.output).not.toBe(0);
    expect(wider.output).toContain("permission denied");
    expect(await policy()).toBe(before);

    const service = (): Promise<string> =>
      dev.stack.kubectl(
        "-n",
        dev.webAppNamespace,
        "get",
        "service",
        "-o",
        "jsonpath={.items[*].metadata.generation}{.items[*].spec}",
      );
    const [ports] = [await service()];
    await dev.stack.set("demo.webAppNodePort", "0");
    const closed = await inPullRequest(up());
    await dev.stack.set("demo.webAppNodePort", profile === "dev" ? "31346" : "31351");
    expect(closed.code, closed.output).not.toBe(0);
    expect(closed.output).toMatch(/forbidden/i);
    expect(await service()).toBe(ports);
    const after = await dev.stack.preview("--expect-no-changes");
    expect(after.code, after.output).toBe(0);
  });

  test("refuses each kind of change and of secret to the login itself, which reads what it needs", async () => {
    const reader = await readingClient();
    const { authPath } = previewLogin.parse(await adminOutputs());
    const refused: readonly (readonly [string, string, object?])[] = [
      ["POST", "sys/mounts/by-preview", { type: "kv" }],
      ["POST", "sys/mounts/secret/tune", { description: "by a preview" }],
      ["DELETE", "sys/mounts/secret"],
      ["PUT", "sys/policies/acl/by-preview", { policy: 'path "*" { capabilities = ["read"] }' }],
      ["PUT", "sys/policies/acl/pulumi-preview", { policy: 'path "*" { capabilities = ["read"] }' }],
      ["PUT", "sys/policies/acl/pulumi-preview-mounts", { policy: 'path "*" { capabilities = ["read"] }' }],
      // Mounts that the program does not declare, whether they are there or not, and Vault's own configuration.
      ["GET", "by-hand/config/prod"],
      ["GET", "by-hand/roles/payroll"],
      ["GET", "auth/by-hand/config"],
      ["GET", "sys/config/state/sanitized"],
      ["DELETE", "sys/policies/acl/webapp"],
      ["POST", "sys/auth/by-preview", { type: "userpass" }],
      ["DELETE", "sys/auth/kubernetes"],
      ["POST", "auth/kubernetes/role/by-preview", { bound_service_account_names: ["a"], policies: ["webapp"] }],
      ["POST", `auth/${authPath}/role/pulumi/secret-id`, {}],
      ["POST", `auth/${authPath}/role/pulumi-preview/secret-id`, {}],
      ["GET", `auth/${authPath}/role/pulumi/role-id`],
      ["POST", `auth/${authPath}/role/pulumi-preview`, { token_policies: ["pulumi-admin"] }],
      ["POST", "auth/token/create", {}],
      ["POST", "auth/token/create-orphan", {}],
      ["GET", "secret/data/webapp/config"],
      ["POST", "secret/data/webapp/config", { data: { password: "by a preview" } }],
      ["DELETE", "secret/metadata/webapp/config"],
      ["GET", "demo-db/creds/dev-postgres"],
      ["POST", "demo-db/rotate-root/demo-db", {}],
      ["POST", "demo-db/config/demo-db", { verify_connection: false }],
      ["PUT", "sys/leases/revoke-prefix/demo-db/creds/dev-postgres", {}],
      ["DELETE", "sys/audit/file"],
      ["GET", "sys/rekey/backup"],
      ["POST", "cubbyhole/by-preview", { a: "b" }],
      ["POST", "sys/wrapping/wrap", { a: "b" }],
    ];
    const statuses = await Promise.all(
      refused.map(async ([method, path, body]) => `${method} ${path}: ${await reader.status(method, path, body)}`),
    );
    expect(statuses).toEqual(refused.map(([method, path]) => `${method} ${path}: 403`));
    // A standby is sealed by nobody, and says so before it looks at who asks.
    const ofWhoAsks = reader.request("PUT", "sys/seal", {});
    await expect(ofWhoAsks).rejects.toThrow(/: 403 .*permission denied|: 500 .*cannot seal when in standby mode/s);
    expect((await dev.sealStatus()).sealed).toBe(false);
    const allowed = [
      ...["sys/mounts", "sys/auth", "sys/audit", "sys/policies/acl/webapp", "sys/policies/acl/pulumi-admin"],
      ...["auth/kubernetes/config", "auth/kubernetes/role/webapp", `auth/${authPath}/role/pulumi`],
      ...["demo-db/config/demo-db", "demo-db/roles/dev-postgres", "sys/mounts/secret/tune", "sys/auth/kubernetes/tune"],
    ];
    const read = await Promise.all(allowed.map(async (path) => `${path}: ${await reader.status("GET", path)}`));
    expect(read).toEqual(allowed.map((path) => `${path}: 200`));
  });

  test("refuses the account of the cluster Secrets and changes", async () => {
    const inVault = `kubectl -n ${dev.namespace}`;
    const lines = [
      `${inVault} get secret vault-keys`,
      `${inVault} get secrets`,
      `${inVault} delete pod vault-0`,
      `${inVault} scale statefulset vault --replicas=0`,
      `${inVault} exec vault-0 -- true`,
      `${inVault} create configmap by-preview`,
      `${inVault} create token vault`,
      `${inVault} annotate namespace ${dev.namespace} by=preview`,
    ];
    for (const line of lines) {
      const { code, output } = await inPullRequest(line);
      expect(code, line).not.toBe(0);
      expect(output, line).toMatch(/forbidden/i);
    }
    const seen = await inPullRequest(`${inVault} get statefulset vault`);
    expect(seen.code, seen.output).toBe(0);
  });

  async function adminOutputs(): Promise<Record<string, unknown>> {
    return dev.stack.secretOutputsOf("pulumi-nodejs:dynamic/vault:AdminAccess");
  }

  async function readingClient(): Promise<VaultClient> {
    await trust();
    const { authPath, previewRoleId, previewSecretId } = previewLogin.parse(await adminOutputs());
    const { address } = await dev.vault();
    return vaultAt(address, await vaultAt(address).loginAppRole(authPath, previewRoleId, previewSecretId));
  }
});
