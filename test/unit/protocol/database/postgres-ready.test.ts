import { describe, expect, test } from "vitest";
import type { Pod, StatefulSet } from "../../../../kube/kube-objects.ts";
import { podObstacle } from "../../../../protocol/database/postgres-ready-resource.ts";

// Proves which pod is waited for. That the server answers then is proved in test/live/long.

const wanted: StatefulSet = {
  metadata: { name: "postgres", generation: 2 },
  status: { observedGeneration: 2, updateRevision: "new" },
};

function pod(revision: string, status: Pod["status"] = running): Pod {
  return { metadata: { name: "postgres-0", labels: { "controller-revision-hash": revision } }, status: status ?? {} };
}

const running: Pod["status"] = { phase: "Running", containerStatuses: [{ name: "postgres", state: { running: {} } }] };

describe("Postgres is waited for", () => {
  test("until its StatefulSet is there and was seen", () => {
    expect(podObstacle(null, pod("new"))).toBe("the StatefulSet does not exist");
    const changed = { ...wanted, metadata: { name: "postgres", generation: 3 } };
    expect(podObstacle(changed, pod("new"))).toContain("has not seen the change yet");
  });

  test("until the pod is the wanted one, not the one that is replaced", () => {
    expect(podObstacle(wanted, null)).toBe("the pod does not exist");
    expect(podObstacle(wanted, pod("old"))).toContain("older revision");
    expect(podObstacle(wanted, pod("new"))).toBeNull();
  });

  test("with Kubernetes' own words for what keeps the pod", () => {
    const waiting = { reason: "ImagePullBackOff", message: "no such image" };
    const status: Pod["status"] = {
      phase: "Pending",
      initContainerStatuses: [{ name: "prepare", state: { waiting } }],
    };
    expect(podObstacle(wanted, pod("new", status))).toBe("container prepare: ImagePullBackOff: no such image");
  });
});
