import { expect, test } from "vitest";
import type { StatefulSet } from "../../../../kube/kube-objects.ts";
import { rolloutReasons } from "../../../../protocol/unseal/rollout.ts";
import type { NodeState, SurveyedNode } from "../../../../protocol/vault-client/survey.ts";
import { serving } from "../../../../protocol/unseal/unseal-judgement.ts";
import { needsUnseal } from "../../../../protocol/unseal/unseal-resource.ts";

function node(state: NodeState, pod = "vault-0", revision: string | null = "new"): SurveyedNode {
  return { pod, uid: "uid", claims: {}, revision, unready: null, state };
}

const active: NodeState & { kind: "unsealed" } = {
  kind: "unsealed",
  clusterId: "cluster",
  role: "active",
  shares: 1,
  threshold: 1,
};
const standby: NodeState & { kind: "unsealed" } = { ...active, role: "standby" };
const sealed: NodeState = { kind: "sealed", shares: 1, threshold: 1, progress: 0, storage: "file" };

function statefulSet(change: Partial<StatefulSet> = {}): StatefulSet {
  return {
    metadata: { name: "vault", generation: 2 },
    spec: { updateStrategy: { type: "RollingUpdate" } },
    status: { observedGeneration: 2, updateRevision: "new" },
    ...change,
  };
}

test.each([
  ["one leader alone serves", [node(active)], []],
  ["a leader with its standbys serves", [node(active), node(standby, "vault-1"), node(standby, "vault-2")], []],
  ["a sealed node does not serve", [node(sealed)], ["pod vault-0 is sealed"]],
  ["unsealed nodes without a leader do not serve", [node(standby)], ["no node leads yet"]],
  ["two leaders do not serve", [node(active), node(active, "vault-1")], ["2 nodes say they lead: vault-0, vault-1"]],
  [
    "a standby without its leader does not serve",
    [node(active), node({ ...standby, role: "no-leader" }, "vault-1")],
    ["pod vault-1 does not see its leader yet"],
  ],
  [
    "nodes of two clusters do not serve",
    [node(active), node({ ...standby, clusterId: "other" }, "vault-1")],
    ["the nodes are not in one cluster"],
  ],
] as [string, SurveyedNode[], string[]][])("%s", (_name, survey, reasons) => {
  expect(serving(survey)).toEqual(reasons);
});

test("a node that may not be asked is no reason to act", () => {
  const denied: NodeState = { kind: "unreachable", reason: "forbidden", denied: true };
  expect(needsUnseal([node(denied)])).toBe(false);
  expect(needsUnseal([node(active), node(denied, "vault-1")])).toBe(false);
  expect(needsUnseal([node(active), node(sealed, "vault-1"), node(denied, "vault-2")])).toBe(true);
});

test("a pod that is away or on its way is a reason to act: it will come back sealed", () => {
  expect(needsUnseal([node({ kind: "absent" })])).toBe(true);
  expect(needsUnseal([node({ kind: "starting", reason: "Pending" })])).toBe(true);
});

test("a rollout is over when every pod is of the wanted revision", () => {
  expect(rolloutReasons(statefulSet(), [node(active)])).toEqual([]);
  expect(rolloutReasons(statefulSet(), [node(active, "vault-0", "old")])).toEqual([
    "pod vault-0 is of an older revision and not replaced yet",
  ]);
});

test("a change the controller has not seen is waited for", () => {
  const unseen = statefulSet({ status: { observedGeneration: 1, updateRevision: "new" } });
  expect(rolloutReasons(unseen, [node(active)])).toEqual(["the StatefulSet's controller has not seen the change yet"]);
});

test("pods that are replaced by hand are not waited for", () => {
  const byHand = statefulSet({ spec: { updateStrategy: { type: "OnDelete" } } });
  expect(rolloutReasons(byHand, [node(active, "vault-0", "old")])).toEqual([]);
});

test("a StatefulSet that does not exist is a reason to wait", () => {
  expect(rolloutReasons(null, [])).toEqual(["the StatefulSet does not exist"]);
});
