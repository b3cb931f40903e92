/**
 * The ha stack through its whole life on a real engine, cluster and Vault. The tests build on each other and run in
 * order. They do not prove that servers run on different machines, since the sandbox has one, nor anything about a
 * network that enforces policies.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { seededPassword } from "../../support/dev-stack.ts";
import { HaStack } from "../../support/ha-stack.ts";
import { eventually } from "../../support/live-stack.ts";
import { plaintextHits, secretsOf } from "../../support/plaintext.ts";

const pods = ["vault-0", "vault-1", "vault-2"];

let ha: HaStack;

beforeAll(async () => {
  ha = await HaStack.create("lr-life", { vault: 30302, webApp: 30303 });
});

afterAll(async () => {
  await ha.remove();
});

describe("the ha stack", () => {
  test("is previewed before anything exists", async () => {
    const preview = await ha.stack.preview();
    expect(preview.code, preview.output).toBe(0);
  });

  test("comes up in one run, to three voters of one healthy cluster and a web app that reads its secret over TLS", async () => {
    const up = await ha.stack.up();
    expect(up.code, up.output).toBe(0);
    expect(await ha.voters()).toEqual(pods);
    expect(await ha.health()).toMatchObject({ healthy: true, failure_tolerance: 1 });
    expect(await ha.clusters(pods)).toHaveLength(1);
    expect(await ha.inits(pods)).toBe(1);
    expect(await ha.dev.page()).toBe(`password: ${seededPassword}\nusername: static-user\n`);
  });

  test("has nothing to change afterwards: not in a second up, a preview or a refresh", async () => {
    for (const run of await ha.stack.runsWithoutChanges()) expect(run.code, run.output).toBe(0);
  });

  // Whom the program itself believes is the unit tests' business: vault-reach-tls and pod-vault.
  test("serves a certificate that nobody trusts who was not given its authorities", async () => {
    const { vaultAddress } = (await ha.stack.outputs()) as { vaultAddress: string };
    const code = `fetch(${JSON.stringify(`${vaultAddress}/v1/sys/health`)}).then(() => 0, (e) => console.log(e.cause.code))`;
    const { execFileSync } = await import("node:child_process");
    expect(execFileSync(process.execPath, ["-e", code], { encoding: "utf8" })).toMatch(/SELF_SIGNED|UNABLE_TO/);
  });

  test("leaves no share, login or private key in plaintext where others could read it", async () => {
    const secrets = await secretsOf(ha.stack, seededPassword);
    const places = {
      state: (await ha.stack.exportState()).text,
      console: ha.stack.transcript,
      "objects of the cluster": await ha.stack.kubectl(
        "-n",
        ha.namespace,
        "get",
        "secrets,configmaps,leases,events",
        "-o",
        "yaml",
      ),
      "log of Vault": await ha.stack.kubectl("-n", ha.namespace, "logs", "vault-0"),
    };
    expect(plaintextHits(places, secrets.values)).toEqual([]);
    expect(places.state).not.toContain("PRIVATE KEY-----");
    expect(places.console).not.toContain("PRIVATE KEY-----");
  });

  test("is taken over in one run after its state was lost, and is then as declared", async () => {
    const [clusterId] = await ha.clusters(pods);
    const keys = await ha.dev.keys();
    await ha.stack.loseState();
    const up = await ha.dev.adoptWhatExists();
    expect(up.code, up.output).toBe(0);
    const settled = await ha.stack.up();
    expect(settled.code, settled.output).toBe(0);
    for (const run of await ha.stack.runsWithoutChanges()) expect(run.code, run.output).toBe(0);
    expect(await ha.clusters(pods)).toEqual([clusterId]);
    expect(await ha.voters()).toEqual(pods);
    expect(await ha.dev.keys()).toBe(keys);
    expect(await ha.dev.page()).toBe(`password: ${seededPassword}\nusername: static-user\n`);
  });

  test("is destroyed without a trace", async () => {
    const destroy = await ha.stack.destroy();
    expect(destroy.code, destroy.output).toBe(0);
    expect((await ha.stack.exportState()).state.resources).toEqual([]);
    await eventually("the volumes are gone", async () => (await ha.dev.volumes()).length === 0);
    const bindings = await ha.stack.kubectl("get", "clusterroles,clusterrolebindings", "-o", "name");
    expect(bindings.split("\n").filter((name) => name.includes(ha.namespace))).toEqual([]);
  });
});
