import { beforeEach, expect, test } from "vitest";
import { wallClock } from "../../../../protocol/frame/clock.ts";
import { type NodeState, surveyNodes } from "../../../../protocol/vault-client/survey.ts";
import { FakeKubernetes } from "../../../support/fake-kubernetes.ts";
import { FakeVault } from "../../../support/fake-vault.ts";

let fake: FakeKubernetes;
let vault: FakeVault;

beforeEach(async () => {
  vault = new FakeVault();
  await vault.listen();
  fake = new FakeKubernetes("vault", "vault", [{ name: "vault-0", port: () => vault.server.port }]);
  await fake.listen();
  return async () => {
    await fake.close();
    await vault.close();
  };
});

const target = {
  kubeContext: "fake",
  namespace: "vault",
  statefulSet: "vault",
  pods: ["vault-0"],
  port: 8200,
  tls: null,
};

async function stateNow(): Promise<NodeState> {
  const [node] = await surveyNodes({ kube: fake.api("run"), clock: wallClock, target, requestMs: 500 });
  return node!.state;
}

function initialize(sealed: boolean): void {
  Object.assign(vault.storage, { initialized: true, shares: ["a", "b", "c"], threshold: 2, clusterId: "cluster" });
  vault.sealed = sealed;
}

test("an empty Vault is uninitialised", async () => {
  expect(await stateNow()).toEqual({ kind: "uninitialized" });
});

test("a sealed Vault tells how many shares it wants", async () => {
  initialize(true);
  expect(await stateNow()).toEqual({ kind: "sealed", shares: 3, threshold: 2, progress: 0, storage: "file" });
});

test("an unsealed Vault tells its cluster and whether it leads", async () => {
  initialize(false);
  expect(await stateNow()).toEqual({ kind: "unsealed", clusterId: "cluster", role: "active", shares: 3, threshold: 2 });
});

test("a node that was removed from its cluster is neither sealed nor serving", async () => {
  initialize(false);
  vault.removed = true;
  expect(await stateNow()).toEqual({ kind: "removed" });
});

test("a storage without seal configuration is broken", async () => {
  vault.storage.broken = true;
  expect(await stateNow()).toMatchObject({ kind: "broken" });
});

test("a pod that does not exist is absent", async () => {
  fake.remove("pods", "vault-0");
  expect(await stateNow()).toEqual({ kind: "absent" });
});

test("a Vault that hangs is unreachable, in bounded time", async () => {
  vault.server.wire = () => ({ kind: "hang" });
  expect(await stateNow()).toMatchObject({ kind: "unreachable", denied: false });
});

test("a pod the caller may not forward to is told apart from one that is down", async () => {
  fake.denyPortForward = true;
  expect(await stateNow()).toMatchObject({ kind: "unreachable", denied: true });
});

test("an API server that does not answer is a failure, not a finding", async () => {
  const kube = fake.api("run");
  await fake.close();
  await expect(surveyNodes({ kube, clock: wallClock, target, requestMs: 500 })).rejects.toThrow("API server");
});

test.each([
  [
    "an image that cannot be pulled",
    {
      phase: "Pending",
      containerStatuses: [{ name: "vault", state: { waiting: { reason: "ImagePullBackOff", message: "not found" } } }],
    },
    "container vault: ImagePullBackOff: not found",
  ],
  [
    "a pod no node has room for",
    {
      phase: "Pending",
      conditions: [{ type: "PodScheduled", status: "False", reason: "Unschedulable", message: "0/1 nodes" }],
    },
    "Unschedulable: 0/1 nodes",
  ],
  [
    "a container that keeps dying",
    { phase: "Running", containerStatuses: [{ name: "vault", state: { waiting: { reason: "CrashLoopBackOff" } } }] },
    "container vault: CrashLoopBackOff",
  ],
  [
    "a container that just ended",
    { phase: "Running", containerStatuses: [{ name: "vault", state: { terminated: {} } }] },
    "not every container of it is running",
  ],
  [
    "a container that ended beside one that runs",
    {
      phase: "Running",
      containerStatuses: [
        { name: "vault", state: { terminated: {} } },
        { name: "certificate-reload", state: { running: {} } },
      ],
    },
    "not every container of it is running",
  ],
  ["a pod nobody has looked at", { phase: "Pending" }, "Pending"],
])("%s is told in Kubernetes' own words", async (_name, status, reason) => {
  fake.set("pods", "vault-0", (pod) => {
    pod["status"] = status;
  });
  expect(await stateNow()).toEqual({ kind: "starting", reason });
});

test("a pod on its way out is not asked", async () => {
  fake.set("pods", "vault-0", (pod) => {
    pod.metadata["deletionTimestamp"] = "2026-01-01T00:00:00Z";
  });
  expect(await stateNow()).toEqual({ kind: "starting", reason: "terminating", mayServe: true });
  expect(vault.server.log).toEqual([]);
});
