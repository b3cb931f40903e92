/**
 * What happens to clients while the certificate of a cluster is renewed and its authority exchanged, on a real engine,
 * cluster and Vault. The tests of a group build on each other and run in order. They prove nothing about cert-manager
 * itself, whose part the test plays, nor about a certificate that ends while it is in use: the test puts one there that
 * has ended.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { CertManagerPart } from "../../support/cert-manager-part.ts";
import { changesIn } from "../../support/engine-changes.ts";
import { HaStack } from "../../support/ha-stack.ts";
import { readOnce, SecretReader, ServedFiles, type ReaderArgs } from "../../support/served-files.ts";
import { TlsAuthority, type Validity } from "../../support/tls-authority.ts";

const pods = ["vault-0", "vault-1", "vault-2"];
const reloaded = /[+~].*vault:ServedCertificate/;

async function bundleOf(ha: HaStack): Promise<string> {
  return z.object({ vaultCaCertificate: z.string() }).parse(await ha.stack.outputs()).vaultCaCertificate;
}

/** A client inside the cluster that goes by the Service of the leader. */
async function clientOf(ha: HaStack): Promise<ReaderArgs> {
  const service = ["-n", ha.namespace, "get", "service", "vault-active", "-o", "jsonpath={.spec.clusterIP}"];
  return {
    address: `https://${await ha.stack.kubectl(...service)}:8200`,
    servername: `vault-active.${ha.namespace}.svc`,
    path: "secret/data/webapp/config",
    token: await ha.workloadToken(),
  };
}

/** Figures for whoever reads the run. */
function report(what: string, { count, slowest }: { readonly count: number; readonly slowest: number }): void {
  process.stdout.write(`${what}: ${count} reads, the slowest took ${slowest} ms\n`);
}

async function upWithout(ha: HaStack, what: RegExp): Promise<string> {
  const up = await ha.stack.up();
  expect(up.code, up.output).toBe(0);
  expect(up.output).not.toMatch(what);
  return up.output;
}

/** What the engine knows, without when it learned of it. */
function resourcesOf(state: string): unknown {
  return z.looseObject({ deployment: z.looseObject({ resources: z.unknown() }) }).parse(JSON.parse(state)).deployment
    .resources;
}

async function expectNoChanges(ha: HaStack): Promise<void> {
  const preview = await ha.stack.preview("--expect-no-changes");
  expect(preview.code, preview.output).toBe(0);
}

/** Expects three voters that all serve what they were given, and the exported bundle to be this authority's. */
async function expectServed(
  ha: HaStack,
  authority: TlsAuthority,
  [served, given]: readonly [readonly string[], string],
): Promise<void> {
  expect(new Set(served)).toEqual(new Set([given]));
  expect((await bundleOf(ha)).trim()).toBe(authority.certificate.trim());
  expect(await ha.voters()).toEqual(pods);
}

/** Expects a private key not to be in the decrypted state, which has others. */
async function expectNotInState(ha: HaStack, key: string): Promise<void> {
  const decrypted = await ha.stack.engine(["stack", "export", "--stack", ha.stack.name, "--show-secrets"]);
  expect(decrypted.output).toContain("PRIVATE KEY");
  expect(decrypted.output).not.toContain(key.split("\n")[1]);
}

describe("a certificate of the stack's own authority", () => {
  let ha: HaStack;
  let files: ServedFiles;

  beforeAll(async () => {
    const certificate = { kind: "issued", authorities: ["ca1"] };
    ha = await HaStack.create("lt-tls", { vault: 30400, webApp: 30401 }, { certificate });
    files = new ServedFiles(ha.stack, pods);
    const up = await ha.stack.up();
    expect(up.code, up.output).toBe(0);
  });

  afterAll(async () => {
    await ha.remove();
  });

  test("is renewed under a client that reads every 200 ms: no read fails, no pod restarts, and up waits for it", async () => {
    const [before, starts] = [await files.given(), await files.starts()];
    const reader = new SecretReader(await bundleOf(ha), await clientOf(ha));
    await ha.stack.set("certificate.validity", "89d");
    const said = await upWithout(ha, /[~+-].*(vault:Unseal|StatefulSet)/);
    const served = await files.served();
    const result = await reader.stop();
    report("renewal", result);
    expect(said).toMatch(reloaded);
    expect(result.failed).toEqual([]);
    expect(result.count).toBeGreaterThan(10);
    expect(new Set(served)).toEqual(new Set([await files.given()]));
    expect(served).not.toContain(before);
    expect(await files.starts()).toBe(starts);
    await expectNoChanges(ha);
  });

  test("is exchanged with its authority in three edits, and no read fails while clients take over each bundle", async () => {
    const [old, starts, client] = [await bundleOf(ha), await files.starts(), await clientOf(ha)];
    const reader = new SecretReader(old, client);
    const edits = [
      () => ha.stack.set("certificate.authorities[1]", "ca2"),
      async () => {
        await ha.stack.set("certificate.authorities[0]", "ca2");
        await ha.stack.set("certificate.authorities[1]", "ca1");
      },
      () => ha.stack.unset("certificate.authorities[1]"),
    ];
    for (const edit of edits) {
      await edit();
      const said = await upWithout(ha, /StatefulSet/);
      // What the preview names is what happens, and nothing else.
      expect(changesIn(said, "preview")).toEqual(changesIn(said));
      reader.bundle = await bundleOf(ha);
    }
    const result = await reader.stop();
    report("exchange of the authority", result);
    expect(result.failed).toEqual([]);
    expect(await files.starts()).toBe(starts);
    expect(new Set(await files.served())).toEqual(new Set([await files.given()]));
    expect(await bundleOf(ha)).not.toContain(old.trim());
    await expect(readOnce(old, client)).rejects.toThrow(/certificate/);
    await expect(readOnce(await bundleOf(ha), client)).resolves.toBeUndefined();
    await expectNoChanges(ha);
  });

  test("is not exchanged with its authority in one edit", async () => {
    await ha.stack.set("certificate.authorities[0]", "ca3");
    const preview = await ha.stack.preview();
    expect(preview.code).not.toBe(0);
    expect(preview.output).toContain("source.authorities: must keep ca2, which signed the certificate in use");
    await ha.stack.set("certificate.authorities[0]", "ca2");
  });

  test("still is renewed after a server was killed", async () => {
    const killed = pods.findLast((pod) => pod !== "vault-0") ?? "";
    await ha.kill(killed);
    await ha.stack.set("certificate.validity", "88d");
    await upWithout(ha, /StatefulSet/);
    expect(new Set(await files.served())).toEqual(new Set([await files.given()]));
  });

  test("leaves no private key in plaintext in the state or on the console", async () => {
    expect((await ha.stack.exportState()).text).not.toContain("PRIVATE KEY-----");
    expect(ha.stack.transcript).not.toContain("PRIVATE KEY-----");
  });
});

describe("a certificate in a Secret that somebody else keeps", () => {
  const secret = "corporate-tls";
  let ha: HaStack;
  let files: ServedFiles;
  let authority: TlsAuthority;

  beforeAll(async () => {
    authority = await TlsAuthority.create("corporate");
    const certificate = { kind: "existing", secretName: secret };
    ha = await HaStack.create("lt-own", { vault: 30402, webApp: 30403 }, { certificate });
    files = new ServedFiles(ha.stack, pods);
  });

  afterAll(async () => {
    await ha.remove();
  });

  /** Puts a certificate for these names there, as its owner would; returns its private key. */
  async function put(names: readonly string[], validity?: Validity): Promise<string> {
    const { certificate, key } = await authority.issue(names, validity);
    const object = {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: secret, namespace: ha.namespace },
      type: "kubernetes.io/tls",
      stringData: { "tls.crt": certificate, "tls.key": key, "ca.crt": authority.certificate },
    };
    await ha.stack.kubectlWithInput(JSON.stringify(object), "apply", "-f", "-");
    return key;
  }

  const fitting = (): string[] => [
    `*.${ha.namespace}.svc`,
    `*.vault-internal.${ha.namespace}.svc`,
    "vault.example.com",
    "127.0.0.1",
  ];

  test("is refused before anything is made when it is not there, or has the wrong names", async () => {
    const absent = await ha.stack.up();
    expect(absent.code).not.toBe(0);
    expect(absent.output).toContain(`Secret lt-own/${secret}: must exist with tls.crt, tls.key and ca.crt`);
    await ha.stack.kubectl("create", "namespace", ha.namespace);
    await put(["vault.elsewhere.svc"], { until: -0.5 });
    const wrong = await ha.stack.up();
    expect(wrong.code).not.toBe(0);
    expect(wrong.output).toContain("the certificate of Vault's listener has 2 faults");
    expect(wrong.output).toContain(`Secret lt-own/${secret} tls.crt: must not have ended`);
    expect(wrong.output).toContain(`Secret lt-own/${secret} tls.crt: must be valid for vault.lt-own.svc, `);
    expect((await ha.stack.exportState()).state.resources).toEqual([]);
  });

  test("is served by every pod after one up, and its key is no part of the state", async () => {
    const key = await put(fitting());
    const up = await ha.stack.up();
    expect(up.code, up.output).toBe(0);
    await expectServed(ha, authority, [await files.served(), await files.given(secret)]);
    await expectNotInState(ha, key);
    await expectNoChanges(ha);
  });

  test("is replaced by its owner, and every pod serves the new one without a run, and no read fails", async () => {
    const starts = await files.starts();
    const reader = new SecretReader(await bundleOf(ha), await clientOf(ha));
    await put(fitting(), { until: 50 });
    const begun = Date.now();
    await files.follow(secret);
    const result = await reader.stop();
    report(`renewal by somebody else, served after ${Math.round((Date.now() - begun) / 1000)} s`, result);
    expect(result.failed).toEqual([]);
    expect(await files.starts()).toBe(starts);
    await expectNoChanges(ha);
  });

  test("is warned of in a preview when it ends soon", async () => {
    await put(fitting(), { until: 10 });
    await files.follow(secret);
    const preview = await ha.stack.preview("--expect-no-changes");
    expect(preview.code, preview.output).toBe(0);
    expect(preview.output).toContain("the certificate of Vault's listener ends ");
  });

  test("has ended when a server restarts: up names it and changes nothing, and heals once its owner has replaced it", async () => {
    await put(fitting(), { until: -0.5 });
    await files.follow(secret);
    const killed = pods.findLast((pod) => pod !== "vault-0") ?? "";
    await ha.kill(killed);
    const ended = `Secret lt-own/${secret} tls.crt: must not have ended`;
    for (const run of [await ha.stack.preview(), await ha.stack.up()]) {
      expect(run.code).not.toBe(0);
      expect(run.output).toContain(ended);
    }
    expect((await ha.sealStatus(killed)).sealed).toBe(true);
    await put(fitting());
    await files.follow(secret);
    const up = await ha.stack.up();
    expect(up.code, up.output).toBe(0);
    await expectServed(ha, authority, [await files.served(), await files.given(secret)]);
    expect(await ha.clusters(pods)).toHaveLength(1);
    await expectNoChanges(ha);
  });

  test("is not valid for two hours more: preview and up name it and change nothing, and go on with one that is", async () => {
    const before = (await ha.stack.exportState()).text;
    await put(fitting(), { from: 2 / 24 });
    for (const run of [await ha.stack.preview(), await ha.stack.up()]) {
      expect(run.code).not.toBe(0);
      expect(run.output).toContain(`Secret lt-own/${secret} tls.crt: must be valid already, got "from `);
    }
    expect(resourcesOf((await ha.stack.exportState()).text)).toEqual(resourcesOf(before));
    await put(fitting());
    await files.follow(secret);
    const up = await ha.stack.up();
    expect(up.code, up.output).toBe(0);
    await expectNoChanges(ha);
  });
});

describe("a certificate that cert-manager is asked for, whose part the test plays", () => {
  let ha: HaStack;
  let files: ServedFiles;
  let authority: TlsAuthority;
  let certManager: CertManagerPart;

  beforeAll(async () => {
    authority = await TlsAuthority.create("corporate");
    const certificate = { kind: "cert-manager", issuerRef: { kind: "ClusterIssuer", name: "corporate" } };
    ha = await HaStack.create("lt-cm", { vault: 30404, webApp: 30405 }, { certificate });
    files = new ServedFiles(ha.stack, pods);
    certManager = new CertManagerPart(ha.stack, authority);
    await certManager.install();
  });

  afterAll(async () => {
    await ha.remove();
    await certManager.remove();
  });

  test("is waited for, served by every pod after one up, and its key is no part of the state", async () => {
    const running = ha.stack.up();
    const key = await certManager.issue("vault-tls", 60);
    const up = await running;
    expect(up.code, up.output).toBe(0);
    await expectServed(ha, authority, [await files.served(), await files.given()]);
    await expectNotInState(ha, key);
    await expectNoChanges(ha);
  });

  test("is renewed without a run, and no read fails", async () => {
    const starts = await files.starts();
    const reader = new SecretReader(await bundleOf(ha), await clientOf(ha));
    await certManager.issue("vault-tls", 55);
    await files.follow("vault-tls");
    const result = await reader.stop();
    report("renewal by cert-manager's part", result);
    expect(result.failed).toEqual([]);
    expect(await files.starts()).toBe(starts);
    await expectNoChanges(ha);
  });
});
