/**
 * What a running cluster of servers bears, and how `up` heals it, on a real engine, cluster and Vault. The tests build
 * on each other and run in order; each ends with the cluster as it was. They do not prove anything about a lost machine
 * or a partitioned network: the sandbox has one machine.
 */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { HaStack, startWriting } from "../../support/ha-stack.ts";
import { keepData, type KeptData } from "../../support/kept-data.ts";
import { eventually } from "../../support/live-stack.ts";
import { expectCluster, upWithoutInit } from "../../support/whole-cluster.ts";
import { patiently } from "../../support/vault-client.ts";

const pods = ["vault-0", "vault-1", "vault-2"];

let ha: HaStack;
let clusterId: string;
let keys: string;
let kept: KeptData;

beforeAll(async () => {
  const raftAutopilot = { deadServers: { kind: "remove", after: "1m" } };
  ha = await HaStack.create("lr-faults", { vault: 30304, webApp: 30305 }, { raftAutopilot });
  const up = await ha.stack.up();
  expect(up.code, up.output).toBe(0);
  clusterId = (await ha.sealStatus("vault-0")).cluster_id ?? "";
  keys = await ha.dev.keys();
  kept = await keepData(ha);
});

afterAll(async () => {
  await ha.remove();
});

/** What must hold after whatever happened. */
async function expectWhole(expected: readonly string[] = pods): Promise<void> {
  await expectCluster(ha, clusterId, expected, kept);
  expect(await ha.dev.keys()).toBe(keys);
  expect(await ha.dev.page()).toContain("static-user");
}

async function heal(): Promise<string> {
  const printed = await upWithoutInit(ha);
  await expectWhole();
  return printed;
}

/** Loses the leader during writes, and returns the longest time without an acknowledged one. */
async function loseLeader(name: string, how: "told to end" | "killed"): Promise<number> {
  const admin = await ha.admin();
  const writer = startWriting(admin, name);
  const leader = await ha.leader(pods);
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  await (how === "killed" ? ha.kill(leader) : ha.restart([leader]));
  await writer.resumed();
  const { acknowledged, outage } = await writer.stop();
  const kept = (await patiently(() => admin.request("LIST", `secret/metadata/${name}`))) as {
    data: { keys: string[] };
  };
  const lost = acknowledged.filter((number) => !kept.data.keys.includes(String(number)));
  expect(acknowledged.length).toBeGreaterThan(5);
  expect(lost).toEqual([]);
  const preview = await ha.stack.preview();
  expect(preview.code, preview.output).toBe(0);
  expect(preview.output).toMatch(/~.*vault:Unseal/);
  expect(preview.output).not.toMatch(/vault:index|vault:kv/);
  return outage;
}

/** Figures for whoever reads the run. How long a cluster takes depends on the machine, so no test fails by them. */
function report(what: string, outage: number): void {
  process.stdout.write(`longest time without an acknowledged write, ${what}: ${outage} ms\n`);
}

describe("a cluster that loses pods", () => {
  afterEach(() => {
    // The transcript of a long test would grow without end.
    ha.stack.transcript = "";
  });

  test("hands the lead on when the leader's pod is told to end, without losing an acknowledged write", async () => {
    const outage = await loseLeader("handover", "told to end");
    report("when the leader is told to end", outage);
    await heal();
  });

  test("finds another leader by itself when the leader is killed, at Vault's own multiplier", async () => {
    const outage = await loseLeader("killed", "killed");
    report("when the leader is killed, multiplier 5", outage);
    await heal();
  });

  test("takes a changed multiplier over one pod at a time, serving all along", async () => {
    await ha.stack.set("raftPerformanceMultiplier", "1");
    const writer = startWriting(await ha.admin(), "rollout");
    let worst = 0;
    const watching = new AbortController();
    const watch = (async () => {
      while (!watching.signal.aborted) {
        const states = await Promise.all(pods.map((pod) => ha.sealStatus(pod).catch(() => ({ sealed: true }))));
        worst = Math.max(worst, states.filter(({ sealed }) => sealed).length);
      }
    })();
    await heal();
    watching.abort();
    await watch;
    const { outage } = await writer.stop();
    report("during a rollout", outage);
    expect(worst).toBe(1);
  });

  test("finds another leader by itself when the leader is killed, at multiplier 1", async () => {
    const outage = await loseLeader("killed-fast", "killed");
    report("when the leader is killed, multiplier 1", outage);
    await heal();
  });

  test("keeps a server that waits sealed for longer than it keeps a dead one that is too many", async () => {
    const leader = await ha.leader(pods);
    const sealed = pods.findLast((pod) => pod !== leader) ?? "";
    await ha.restart([sealed]);
    await eventually(
      "nobody has heard of it for a minute and a half",
      async () => (await ha.silence(sealed)) > 90,
      180,
    );
    expect(await ha.voters()).toEqual(pods);
    await heal();
  });

  test("gives up a dead server that is too many, as after somebody scaled the StatefulSet by hand", async () => {
    const scale = (replicas: number) =>
      ha.stack.kubectl("-n", ha.namespace, "scale", "statefulset", "vault", `--replicas=${replicas}`);
    await scale(4);
    await eventually("vault-3 asks for shares", async () => (await ha.sealStatus("vault-3")).initialized, 120);
    await ha.unseal("vault-3");
    await eventually("vault-3 votes", async () => (await ha.voters()).includes("vault-3"), 120);
    await scale(3);
    await eventually("vault-3 is no member any more", async () => (await ha.servers()).length === pods.length, 240);
    await ha.stack.kubectl("-n", ha.namespace, "delete", "pvc", "data-vault-3", "audit-vault-3", "--wait");
    await expectWhole();
  });

  test("is not scaled by an edit while the number of replicas belongs to who scaled it by hand, until a run may take it back", async () => {
    await ha.stack.set("raftNodes", "5");
    const up = await ha.stack.up();
    expect(up.code).not.toBe(0);
    expect(up.output).toMatch(/conflict with "kubectl" with subresource "scale" using apps\/v1: \.spec\.replicas/);
    for (const taken of await ha.dev.takeBackFields()) expect(taken.code, taken.output).toBe(0);
    await eventually("five servers vote", async () => (await ha.servers()).length === 5, 240);
    await ha.stack.set("raftNodes", "3");
    await heal();
  });

  test("is unsealed by up after all its pods were lost at once", async () => {
    await ha.restart(pods);
    const preview = await ha.stack.preview();
    expect(preview.code, preview.output).toBe(0);
    await heal();
  });
});

describe("a cluster whose servers must stand apart, on one machine", () => {
  test("has one server wait for a machine, serves on, and is whole again when that is taken back", async () => {
    await ha.stack.set("raftSpread", "required");
    const up = await ha.stack.up();
    expect(up.code).not.toBe(0);
    expect(up.output).toMatch(/vault-\d.*Unschedulable/);
    const waiting = await Promise.all(pods.map((pod) => ha.sealStatus(pod).catch(() => null)));
    expect(waiting.filter((status) => status?.sealed === false)).toHaveLength(2);
    expect(await ha.dev.page()).toContain("static-user");
    await ha.stack.set("raftSpread", "preferred");
    await heal();
  }, 1_200_000);
});

describe("a cluster that loses volumes", () => {
  test("takes a follower back that lost its data", async () => {
    const leader = await ha.leader(pods);
    await ha.loseVolumes([pods.findLast((pod) => pod !== leader) ?? ""]);
    await heal();
  });

  test("never initialises pod 0 when that lost its data", async () => {
    await ha.loseVolumes(["vault-0"]);
    await heal();
    expect(await ha.inits(["vault-0"])).toBe(0);
  });

  test("names a server that somebody removed from the cluster, and takes it back once it was emptied", async () => {
    const leader = await ha.leader(pods);
    const removed = pods.findLast((pod) => pod !== leader) ?? "";
    await patiently(() =>
      ha.asRoot((root) => root.request("POST", "sys/storage/raft/remove-peer", { server_id: removed })),
    );
    await eventually(`${removed} knows that it was removed`, async () => {
      const status = await ha.sealStatus(removed).catch(() => null);
      return status === null || status.removed_from_cluster === true;
    });
    const up = await ha.stack.up();
    expect(up.code).not.toBe(0);
    expect(up.output).toContain("docs/runbooks/removed-node.md");
    await ha.loseVolumes([removed]);
    await heal();
  });

  test("stops when two of three lost their data, initialises nothing, and is whole again after the runbook", async () => {
    const held = await ha.leader(pods);
    const empty = pods.filter((pod) => pod !== held);
    await ha.loseVolumes(empty);
    const up = await ha.stack.up();
    expect(up.code).not.toBe(0);
    expect(up.output).toContain("docs/runbooks/lost-quorum.md");
    expect(await Promise.all(empty.map(async (pod) => (await ha.sealStatus(pod)).initialized))).toEqual([false, false]);
    await ha.makeWholeCluster(held);
    await heal();
  });

  test("is scaled to five servers and back, and to one it is refused", async () => {
    const five = [...pods, "vault-3", "vault-4"];
    await ha.stack.set("raftNodes", "5");
    const up = await ha.stack.up();
    expect(up.code, up.output).toBe(0);
    await expectWhole(five);
    await ha.stack.set("raftNodes", "1");
    const refused = await ha.stack.preview();
    expect(refused.code).not.toBe(0);
    expect(refused.output).toContain("raftNodes: must be 3 or 5 or 7");
    await ha.stack.set("raftNodes", "3");
    await heal();
    // Servers that left may come back, empty.
    await ha.stack.set("raftNodes", "5");
    expect((await ha.stack.up()).code).toBe(0);
    await expectWhole(five);
    await ha.stack.set("raftNodes", "3");
    await heal();
  });
});
