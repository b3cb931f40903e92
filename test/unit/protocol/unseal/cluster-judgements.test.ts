import { describe, expect, test } from "vitest";
import { leavingPods } from "../../../../protocol/raft/scale-down-protocol.ts";
import { quorumReasons } from "../../../../protocol/raft/quorum-judgement.ts";
import { nextToReplace } from "../../../../protocol/unseal/replace-outdated.ts";
import { outdatedPods, stuckPods } from "../../../../protocol/unseal/rollout.ts";
import type { NodeState, SurveyedNode } from "../../../../protocol/vault-client/survey.ts";
import { isSameVault } from "../../../../protocol/frame/target-identity.ts";
import type { VaultTarget } from "../../../../protocol/frame/vault-target.ts";
import { unknownValue } from "../../../../protocol/frame/unknown.ts";
import { hasLostQuorum } from "../../../../protocol/unseal/unseal-judgement.ts";

const pods = ["vault-0", "vault-1", "vault-2"];
const active: NodeState = { kind: "unsealed", clusterId: "c", role: "active", shares: 5, threshold: 3 };
const standby: NodeState = { ...active, role: "standby" };
const leaderless: NodeState = { ...active, role: "no-leader" };
const empty: NodeState = { kind: "uninitialized" };

function nodes(...states: readonly NodeState[]): SurveyedNode[] {
  return states.map((state, index) => ({
    pod: `vault-${index}`,
    uid: `uid-${index}`,
    claims: {},
    revision: "old",
    unready: null,
    state,
  }));
}

describe("a quorum", () => {
  const server = (id: string, leader = false, voter = true) => ({ node_id: id, leader, voter });
  const judged = (id: string, healthy = true) => [id, { healthy, status: "voter" }] as const;
  const autopilot = {
    healthy: true,
    failure_tolerance: 1,
    leader: "vault-0",
    voters: pods,
    servers: Object.fromEntries(pods.map((pod) => judged(pod))),
  };
  const servers = [server("vault-0", true), server("vault-1"), server("vault-2")];

  test("lacks nothing when every pod votes and is healthy under one leader", () => {
    expect(quorumReasons(pods, { servers, autopilot })).toEqual([]);
  });

  test.each([
    ["a server that has not joined", servers.slice(0, 2), autopilot, "vault-2 has not joined"],
    [
      "one that does not vote",
      [...servers.slice(0, 2), server("vault-2", false, false)],
      autopilot,
      "does not vote yet",
    ],
    ["one without a pod", [...servers, server("vault-3")], autopilot, "vault-3 belongs to the cluster and has no pod"],
    ["no leader", pods.map((pod) => server(pod)), autopilot, "no server leads"],
    [
      "one that is not healthy",
      servers,
      { ...autopilot, servers: { ...autopilot.servers, "vault-1": { healthy: false, status: "voter" } } },
      "vault-1 is not healthy",
    ],
    ["a cluster that calls itself ill", servers, { ...autopilot, healthy: false }, "does not call itself healthy"],
  ])("is missing with %s", (_, given, state, reason) => {
    expect(quorumReasons(pods, { servers: given, autopilot: state }).join("\n")).toContain(reason);
  });
});

describe("a rollout", () => {
  const onDelete = (updateRevision: string) => ({
    metadata: { name: "vault" },
    spec: { updateStrategy: { type: "OnDelete" } },
    status: { updateRevision },
  });

  test("replaces standbys, the last first, and the leader only when no other is left", () => {
    const survey = nodes(active, standby, standby);
    expect(nextToReplace(survey, pods)?.pod).toBe("vault-2");
    expect(nextToReplace(survey, ["vault-0", "vault-1"])?.pod).toBe("vault-1");
    expect(nextToReplace(survey, ["vault-0"])?.pod).toBe("vault-0");
    expect(nextToReplace(survey, [])).toBeNull();
  });

  test("is due for pods of another revision, and none of the controller's own business", () => {
    const survey = nodes(active, standby, standby);
    expect(outdatedPods(onDelete("new"), survey)).toEqual(pods);
    expect(outdatedPods(onDelete("old"), survey)).toEqual([]);
    expect(outdatedPods({ ...onDelete("new"), spec: { updateStrategy: { type: "RollingUpdate" } } }, survey)).toEqual(
      [],
    );
  });
});

describe("a pod of a release that was taken back", () => {
  const wanted = {
    metadata: { name: "vault" },
    spec: { updateStrategy: { type: "OnDelete" } },
    status: { updateRevision: "new" },
  };
  const notPulled = { kind: "starting", reason: "container vault: ErrImagePull" } as const;

  test("is replaced at once when its server cannot start", () => {
    expect(stuckPods(wanted, nodes(active, standby, notPulled)).map(({ pod }) => pod)).toEqual(["vault-2"]);
  });

  test("waits for its turn while its server may serve", () => {
    const sideCar = { ...notPulled, mayServe: true } as const;
    expect(stuckPods(wanted, nodes(active, standby, sideCar))).toEqual([]);
  });

  test("is left alone when it is of the wanted revision, or its controller replaces it", () => {
    const survey = nodes(active, standby, notPulled);
    const [revision] = survey.map((node) => node.revision);
    expect(stuckPods({ ...wanted, status: { updateRevision: revision ?? "" } }, survey)).toEqual([]);
    expect(stuckPods({ ...wanted, spec: { updateStrategy: { type: "RollingUpdate" } } }, survey)).toEqual([]);
  });
});

describe("a lost quorum", () => {
  test("is more than half of the servers empty while the rest has no leader", () => {
    expect(hasLostQuorum(nodes(leaderless, empty, empty))).toBe(true);
  });

  test("is not a cluster that was just initialised, one that lost a server, or one that is all empty", () => {
    expect(hasLostQuorum(nodes(active, empty, empty))).toBe(false);
    expect(hasLostQuorum(nodes(leaderless, standby, empty))).toBe(false);
    expect(hasLostQuorum(nodes(empty, empty, empty))).toBe(false);
  });
});

const target: VaultTarget = { kubeContext: "c", namespace: "n", statefulSet: "vault", pods, port: 8200, tls: null };

test("the pods that leave are those above the number that stays, the last first", () => {
  expect(leavingPods(target, 5)).toEqual(["vault-4", "vault-3"]);
  expect(leavingPods(target, 3)).toEqual([]);
  expect(leavingPods(target, null)).toEqual([]);
});

test("another number of pods, or other authorities, are the same Vault; another namespace, or what is not known, is not", () => {
  expect(
    isSameVault(target, { ...target, pods: ["vault-0"], tls: { serverName: "s", authoritySecret: "other" } }),
  ).toBe(true);
  expect(isSameVault(target, { ...target, namespace: "m" })).toBe(false);
  expect(isSameVault(target, { ...target, pods: unknownValue as unknown as string[] })).toBe(false);
});
