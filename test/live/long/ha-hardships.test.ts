/**
 * What a cluster of servers bears of its network, of people and of a bad release, on a real engine, cluster and Vault.
 * The tests build on each other and run in order; each ends with the cluster as it was. They do not prove anything
 * about a lost machine or a slow disk: the sandbox has one machine, and a partition between pods is made on it.
 */
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { around, cutNetwork } from "../../support/cut-network.ts";
import { serversOnly, targeting } from "../../support/dev-stack.ts";
import { HaStack, startWriting } from "../../support/ha-stack.ts";
import { upHeld } from "../../support/held-run.ts";
import { keepData, type KeptData } from "../../support/kept-data.ts";
import { type EngineRun, eventually } from "../../support/live-stack.ts";
import { commandsOf, follow } from "../../support/operations-guide.ts";
import { temporaryFolder } from "../../../sandbox/test/support/temporary-folder.ts";
import { expectCluster, upWithoutInit } from "../../support/whole-cluster.ts";
import { patiently } from "../../support/vault-client.ts";

const pods = ["vault-0", "vault-1", "vault-2"];

/** Nothing that asks Vault. */
const clusterServersOnly = [...serversOnly, ...targeting("vault-scale-down", "ListenerCertificate**")];

let ha: HaStack;
let clusterId: string;
let kept: KeptData;

beforeAll(async () => {
  ha = await HaStack.create("lr-hard", { vault: 30308, webApp: 30309 });
});

afterAll(async () => {
  await ha.remove();
});

afterEach(() => {
  // The transcript of a long test would grow without end.
  ha.stack.transcript = "";
});

async function heal(): Promise<void> {
  await upWithoutInit(ha);
  await expectWhole();
}

async function expectWhole(): Promise<void> {
  await expectCluster(ha, clusterId, pods, kept);
}

/** Follows commands of the guide with a root token. */
async function asOperator(token: string, commands: readonly string[]): Promise<EngineRun> {
  const { vaultCaCertificate: authorities } = z
    .object({ vaultCaCertificate: z.string() })
    .parse(await ha.stack.outputs());
  // A snapshot is the leader's business, and a standby sends the client to a name that only the cluster knows.
  const leader = await ha.leader(pods);
  const { [leader]: host = "" } = await ha.addresses([leader]);
  const folder = temporaryFolder({ "ca.pem": authorities });
  return ha.stack.withEnvironment(
    {
      VAULT_ADDR: `https://${host}:8200`,
      VAULT_TLS_SERVER_NAME: `${leader}.vault-internal.${ha.namespace}.svc`,
      VAULT_TOKEN: token,
      VAULT_CACERT: join(folder, "ca.pem"),
    },
    () => follow(ha.dev, commands),
  );
}

function othersThan(pod: string): string[] {
  return pods.filter((other) => other !== pod);
}

describe("a first up", () => {
  test("finds two pods that somebody initialised apart from each other, names the runbook and touches neither", async () => {
    await ha.stack.upAtOnce(...clusterServersOnly);
    await eventually("the pods answer", async () => !(await ha.sealStatus("vault-2")).initialized);
    await ha.initialize("vault-1");
    await ha.initialize("vault-0");
    const up = await ha.stack.up();
    expect(up.code).not.toBe(0);
    expect(up.output).toMatch(/docs\/runbooks\/(two-clusters|foreign-vault)\.md/);
    expect(up.output).toContain("vault-0");
    expect(up.output).toContain("vault-1");
    expect(await ha.dev.keysRecord()).toBeNull();
    expect((await ha.sealStatus("vault-2")).initialized).toBe(false);
    await ha.loseVolumes(["vault-0", "vault-1"]);
  });

  test("whose leader dies in the middle of it fails or not, and converges without a second init", async () => {
    const run = await upHeld(ha.stack, { protocol: "admin-access", step: "write-roles", moment: "before" });
    await ha.kill(await ha.leader(pods));
    run.goOn();
    await run.done;
    const up = await ha.stack.up();
    expect(up.code, up.output).toBe(0);
    expect(await ha.inits(pods)).toBe(1);
    clusterId = (await ha.sealStatus("vault-0")).cluster_id ?? "";
    kept = await keepData(ha);
    await expectWhole();
  });
});

describe("a run that makes what lives inside Vault", () => {
  test("and whose leader is killed under it ends by itself, and the next one makes the rest and nothing twice", async () => {
    const names = Array.from({ length: 8 }, (_, index) => `agent-${index}`);
    for (const name of names) {
      await ha.stack.setObject(`agents.${name}.issuer`, { namespace: ha.namespace, serviceAccount: name });
    }
    const leader = await ha.leader(pods);
    const run = ha.stack.startUp();
    await eventually("the run makes things in Vault", () => Promise.resolve(/vault:.*creating/.test(run.printed())));
    for (const { pid } of ha.stack.processes()) process.kill(pid, "SIGSTOP");
    const before = run.printed();
    await ha.kill(leader);
    for (const { pid } of ha.stack.processes()) process.kill(pid, "SIGCONT");
    const { code } = await run.done;
    process.stdout.write(`a run whose leader was killed under it ended with ${code ?? "a signal"}\n`);
    expect(before).not.toContain("Duration:");
    await upWithoutInit(ha);
    const again = await ha.stack.preview("--expect-no-changes");
    expect(again.code, again.output).toBe(0);
    const made = await ha.asRoot((root) => root.request("LIST", "auth/agents/role"));
    expect(made).toMatchObject({ data: { keys: names } });
    await ha.stack.unset("agents");
    await heal();
  });
});

describe("a cluster whose network is cut", () => {
  test.each([
    ["altogether", undefined],
    ["at the port the servers use among each other", 8201],
  ])(
    "between its leader and the rest, %s, goes on under another leader, and the former one takes no write",
    async (_where, port) => {
      const former = await ha.leader(pods);
      const token = await ha.token();
      const addresses = await ha.addresses(pods);
      const others = othersThan(former);
      const mend = cutNetwork(
        around(
          addresses[former] ?? "",
          others.map((pod) => addresses[pod] ?? ""),
          port,
        ),
      );
      await eventually("another server leads", async () => others.includes(await ha.leader(others)));
      const preview = await ha.stack.preview();
      expect(preview.code, preview.output).toBe(0);
      await eventually("the former leader takes no write", async () => {
        return (await ha.statusAt(former, token, "POST", "secret/data/lost", { data: { lost: "yes" } })) !== 200;
      });
      const led = await ha.leader(others);
      expect(await ha.statusAt(led, token, "POST", "secret/data/kept-in-partition", { data: { kept: "yes" } })).toBe(
        200,
      );
      mend();
      await heal();
      const admin = await ha.admin();
      expect(await admin.status("GET", "secret/metadata/lost")).toBe(404);
      expect(await admin.status("GET", "secret/metadata/kept-in-partition")).toBe(200);
      await admin.request("DELETE", "secret/metadata/kept-in-partition");
    },
    600_000,
  );

  test("around an empty server that would join fails by naming it, and is healed by the next up", async () => {
    const leader = await ha.leader(pods);
    const cutOff = othersThan(leader).at(-1) ?? "";
    await ha.loseVolumes([cutOff]);
    const addresses = await ha.addresses(pods);
    const mend = cutNetwork(
      around(
        addresses[cutOff] ?? "",
        othersThan(cutOff).map((pod) => addresses[pod] ?? ""),
      ),
    );
    const up = await ha.stack.up();
    expect(up.code).not.toBe(0);
    expect(up.output).toContain("docs/runbooks/not-ready.md");
    expect(up.output).toContain(cutOff);
    mend();
    await heal();
  });
});

describe("a cluster that people meddle with", () => {
  test("hands the lead on every five seconds for a minute and loses no acknowledged write", async () => {
    const admin = await ha.admin();
    const writer = startWriting(admin, "stepping");
    await ha.asRoot(async (root) => {
      for (let round = 0; round < 12; round++) {
        await patiently(() => root.request("PUT", "sys/step-down"));
        // The pace is the hardship.
        await new Promise((resolve) => setTimeout(resolve, 5_000));
      }
      await eventually("a server leads", async () => pods.includes(await ha.leader(pods)));
    });
    await writer.resumed();
    const { acknowledged, outage } = await writer.stop();
    process.stdout.write(`longest time without an acknowledged write while the lead is handed on: ${outage} ms\n`);
    const kept = (await patiently(() => admin.request("LIST", "secret/metadata/stepping"))) as {
      data: { keys: string[] };
    };
    expect(acknowledged.length).toBeGreaterThan(20);
    expect(acknowledged.filter((number) => !kept.data.keys.includes(String(number)))).toEqual([]);
    await heal();
  });

  test("has its keys replaced by one edit, and opens all its servers with the new ones only", async () => {
    const { shares: former } = await ha.secrets();
    await ha.stack.set("keysGeneration", "2");
    await heal();
    const { shares } = await ha.secrets();
    expect(shares.filter((share) => former.includes(share))).toEqual([]);
    await ha.restart(pods);
    for (const pod of pods) {
      for (const share of former.slice(0, 3)) await ha.giveShare(pod, share);
      expect((await ha.sealStatus(pod)).sealed).toBe(true);
    }
    await heal();
  });
});

describe("a release", () => {
  test("whose image cannot be pulled costs one standby and no more, and is taken back by the former image", async () => {
    const leader = await ha.leader(pods);
    const writer = startWriting(await ha.admin(), "bad-release");
    await ha.stack.set("vaultImage", "vaultstack/no-such-image:1.0.0");
    const up = await ha.stack.up();
    expect(up.code).not.toBe(0);
    expect(up.output).toMatch(/ErrImagePull|ImagePullBackOff|ErrImageNeverPull/);
    const states = await Promise.all(pods.map((pod) => ha.sealStatus(pod).catch(() => ({ sealed: true }))));
    expect(states.filter(({ sealed }) => sealed)).toHaveLength(1);
    expect(await ha.leader(pods)).toBe(leader);
    await ha.stack.unset("vaultImage");
    await heal();
    const { outage } = await writer.stop();
    process.stdout.write(`longest time without an acknowledged write around a bad release: ${outage} ms\n`);
  });
});

describe("the runbook restore-snapshot", () => {
  test("brings data and keys of a destroyed cluster back into a new one, which the other keys do not open", async () => {
    const folder = temporaryFolder();
    const [save = ""] = commandsOf("Back up").filter((command) => command.includes("snapshot save"));
    const [copy = ""] = commandsOf("Back up").filter((command) => command.includes("get secret"));
    const [restore = "", ...after] = commandsOf("restore-snapshot").filter((command) => !command.includes("run up"));
    const saved = await ha.asRoot((_root, token) => asOperator(token, [`cd ${folder}`, save, copy]));
    expect(saved.code, saved.output).toBe(0);
    const formerId = clusterId;
    const destroy = await ha.stack.destroy();
    expect(destroy.code, destroy.output).toBe(0);

    const up = await ha.stack.up();
    expect(up.code, up.output).toBe(0);
    // The snapshot knows no token that was made after it, so this one ends with the restore.
    const overwritten = await asOperator(await ha.rootToken(), [`cd ${folder}`, restore]);
    expect(overwritten.code, overwritten.output).toBe(0);
    await ha.restart(pods);
    // The keys of the empty cluster open nothing of what it holds now.
    const stopped = await ha.stack.up();
    expect(stopped.code).not.toBe(0);
    expect(stopped.output).toContain("docs/runbooks/wrong-shares.md");

    const restored = await follow(ha.dev, [
      `cd ${folder}`,
      ...after.filter((command) => command.startsWith("kubectl")),
    ]);
    expect(restored.code, restored.output).toBe(0);
    clusterId = formerId;
    // It ends at the servers that are sealed still, and has taken note of the keys by then.
    expect((await ha.stack.refresh()).output).toContain("does not serve");
    // It opens the servers, and stops at a database connection that is the destroyed server's.
    await ha.stack.up();
    const renewed = await ha.stack.up("--refresh", "--run-program");
    expect(renewed.code, renewed.output).toBe(0);
    await heal();
  });
});
