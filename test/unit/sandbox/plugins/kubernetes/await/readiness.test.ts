import { describe, expect, it } from "vitest";
import { labelSelector } from "../../../../../../sandbox/plugins/kubernetes/await/label-selector.ts";
import { podFaults } from "../../../../../../sandbox/plugins/kubernetes/await/pod-faults.ts";
import type { Readiness } from "../../../../../../sandbox/plugins/kubernetes/await/readiness.ts";
import { readinessRule } from "../../../../../../sandbox/plugins/kubernetes/await/rules.ts";
import type { Json, JsonObject } from "../../../../../../sandbox/plugins/shared/property.ts";

// Proves the judgement about objects as controllers leave them. Does not prove that controllers leave them so.

function assess(token: string, object: JsonObject, related: JsonObject[] = []): Readiness {
  const [apiVersion = "", kind = ""] = token.split(" ");
  const rule = readinessRule({ apiVersion, kind });
  if (rule === undefined) throw new Error(`no rule for ${token}`);
  return rule.assess(object, related);
}

const conditions = (...list: [string, string, string?, string?][]): Json =>
  list.map(([type, status, reason = "", message = ""]) => ({ type, status, reason, message }));

interface Case {
  readonly name: string;
  readonly status: JsonObject;
  readonly ready: boolean;
  readonly spec?: JsonObject;
  readonly generation?: number;
}

function table(token: string, spec: JsonObject, cases: readonly Case[]): void {
  it.each(cases)(`${token}: $name → ready $ready`, ({ status, ready, spec: own, generation }) => {
    const object = { metadata: { name: "x", generation: generation ?? 2 }, spec: { ...spec, ...own }, status };
    expect(assess(token, object).ready).toBe(ready);
  });
}

describe("workloads", () => {
  const available = { conditions: conditions(["Available", "True"]) };
  table("apps/v1 Deployment", { replicas: 2 }, [
    {
      name: "rolled out",
      ready: true,
      status: { observedGeneration: 2, replicas: 2, updatedReplicas: 2, availableReplicas: 2, ...available },
    },
    {
      name: "not yet seen by its controller",
      ready: false,
      status: { observedGeneration: 1, replicas: 2, updatedReplicas: 2, availableReplicas: 2, ...available },
    },
    {
      name: "old pods left",
      ready: false,
      status: { observedGeneration: 2, replicas: 3, updatedReplicas: 2, availableReplicas: 3, ...available },
    },
    {
      name: "new pods missing",
      ready: false,
      status: { observedGeneration: 2, replicas: 2, updatedReplicas: 1, availableReplicas: 2, ...available },
    },
    {
      name: "pods not available",
      ready: false,
      status: { observedGeneration: 2, replicas: 2, updatedReplicas: 2, availableReplicas: 1, ...available },
    },
    { name: "scaled to zero", ready: true, spec: { replicas: 0 }, status: { observedGeneration: 2 } },
    { name: "without a status", ready: false, status: {} },
  ]);

  const settled = {
    observedGeneration: 2,
    replicas: 3,
    readyReplicas: 3,
    currentReplicas: 3,
    currentRevision: "a",
    updateRevision: "a",
  };
  table("apps/v1 StatefulSet", { replicas: 3 }, [
    { name: "rolled out", ready: true, status: settled },
    { name: "not yet seen by its controller", ready: false, status: { ...settled, observedGeneration: 1 } },
    { name: "a pod not ready", ready: false, status: { ...settled, readyReplicas: 2 } },
    {
      name: "a new revision rolling out",
      ready: false,
      status: { ...settled, updateRevision: "b", currentReplicas: 1 },
    },
    {
      name: "a new revision that waits for manual deletion",
      ready: true,
      spec: { updateStrategy: { type: "OnDelete" } },
      status: { ...settled, updateRevision: "b", currentReplicas: 0 },
    },
    {
      name: "first pods with manual deletion",
      ready: false,
      generation: 1,
      spec: { updateStrategy: { type: "OnDelete" } },
      status: { ...settled, observedGeneration: 1, readyReplicas: 0, currentReplicas: 0 },
    },
  ]);

  const everywhere = {
    observedGeneration: 2,
    desiredNumberScheduled: 2,
    updatedNumberScheduled: 2,
    numberAvailable: 2,
    numberReady: 2,
  };
  table("apps/v1 DaemonSet", {}, [
    { name: "on every node", ready: true, status: everywhere },
    { name: "an old pod left", ready: false, status: { ...everywhere, updatedNumberScheduled: 1 } },
    { name: "a pod not available", ready: false, status: { ...everywhere, numberAvailable: 1 } },
  ]);

  it("say why a rollout is stuck", () => {
    const status = {
      observedGeneration: 1,
      conditions: conditions(["Progressing", "False", "ProgressDeadlineExceeded", "too slow"]),
    };
    expect(assess("apps/v1 Deployment", { metadata: { generation: 1 }, status }).faults).toContain(
      "[ProgressDeadlineExceeded] too slow",
    );
  });
});

describe("pods and jobs", () => {
  table("v1 Pod", {}, [
    { name: "ready", ready: true, status: { conditions: conditions(["Ready", "True"]) } },
    { name: "finished", ready: true, status: { phase: "Succeeded", conditions: conditions(["Ready", "False"]) } },
    { name: "starting", ready: false, status: { phase: "Pending" } },
  ]);
  table("batch/v1 Job", {}, [
    { name: "succeeded", ready: true, status: { conditions: conditions(["Complete", "True"]) } },
    { name: "running", ready: false, status: { active: 1 } },
  ]);

  it("give up on a Job that failed for good", () => {
    const status = { conditions: conditions(["Failed", "True", "BackoffLimitExceeded", "too many failures"]) };
    expect(assess("batch/v1 Job", { status })).toMatchObject({
      hopeless: true,
      faults: ["[BackoffLimitExceeded] too many failures"],
    });
  });
});

describe("networking", () => {
  const endpoint = (ready: boolean): JsonObject => ({ endpoints: [{ conditions: { ready } }] });
  const selecting = { spec: { selector: { app: "a" } } };

  it.each<[string, JsonObject, JsonObject[], boolean]>([
    ["all endpoints ready", selecting, [endpoint(true)], true],
    ["an endpoint not ready", selecting, [endpoint(true), endpoint(false)], false],
    ["no endpoints", selecting, [], false],
    ["headless", { spec: { ...selecting.spec, clusterIP: "None" } }, [endpoint(false)], true],
    ["external", { spec: { ...selecting.spec, type: "ExternalName" } }, [], true],
    ["without selector", { spec: {} }, [], true],
    ["load balancer without address", { spec: { ...selecting.spec, type: "LoadBalancer" } }, [endpoint(true)], false],
    [
      "load balancer with address",
      { spec: { ...selecting.spec, type: "LoadBalancer" }, status: { loadBalancer: { ingress: [{ ip: "1.2.3.4" }] } } },
      [endpoint(true)],
      true,
    ],
  ])("Service: %s", (_case, service, slices, ready) => {
    expect(assess("v1 Service", service, slices).ready).toBe(ready);
  });

  it("lets a Service without any endpoints settle, as its pods may come later", () => {
    expect(assess("v1 Service", selecting, []).settlesAfterSeconds).toBe(10);
    expect(assess("v1 Service", selecting, [endpoint(false)]).settlesAfterSeconds).toBeUndefined();
  });

  it("waits for the address of an Ingress", () => {
    expect(assess("networking.k8s.io/v1 Ingress", {}).ready).toBe(false);
    expect(
      assess("networking.k8s.io/v1 Ingress", { status: { loadBalancer: { ingress: [{ hostname: "h" }] } } }).ready,
    ).toBe(true);
  });
});

describe("storage and the rest", () => {
  it.each<[string, JsonObject, JsonObject[], boolean]>([
    ["v1 PersistentVolumeClaim", { status: { phase: "Bound" } }, [], true],
    ["v1 PersistentVolumeClaim", { status: { phase: "Pending" } }, [], false],
    [
      "v1 PersistentVolumeClaim",
      { status: { phase: "Pending" } },
      [{ volumeBindingMode: "WaitForFirstConsumer" }],
      true,
    ],
    ["v1 PersistentVolume", { status: { phase: "Available" } }, [], true],
    ["v1 PersistentVolume", { status: { phase: "Failed" } }, [], false],
    ["v1 Namespace", { status: { phase: "Active" } }, [], true],
    ["v1 Namespace", { status: { phase: "Terminating" } }, [], false],
    ["v1 Secret", { type: "Opaque" }, [], true],
    ["v1 Secret", { type: "kubernetes.io/service-account-token" }, [], false],
    ["v1 Secret", { type: "kubernetes.io/service-account-token", data: { token: "eA==" } }, [], true],
    ["v1 ResourceQuota", { spec: { hard: { pods: "1" } }, status: {} }, [], false],
    ["v1 ReplicationController", { spec: { replicas: 1 }, status: { availableReplicas: 1 } }, [], true],
  ])("%s %j → ready with %j: %s", (token, object, related, ready) => {
    expect(assess(token, object, related).ready).toBe(ready);
  });

  it.each(["v1 ConfigMap", "v1 ServiceAccount", "example.com/v1 Thing"])(
    "%s is ready as soon as it exists",
    (token) => {
      const [apiVersion = "", kind = ""] = token.split(" ");
      expect(readinessRule({ apiVersion, kind })).toBeUndefined();
    },
  );
});

describe("podFaults", () => {
  const pod = (status: JsonObject): JsonObject => ({ metadata: { name: "p" }, status });
  const container = (state: JsonObject, lastState: JsonObject = {}): JsonObject =>
    pod({ containerStatuses: [{ name: "c", state, lastState }] });

  it.each<[string, JsonObject, string[]]>([
    [
      "unschedulable",
      pod({ conditions: conditions(["PodScheduled", "False", "Unschedulable", "0/1 nodes"]) }),
      ["[Pod p] [Unschedulable] 0/1 nodes"],
    ],
    [
      "an image that cannot be pulled",
      container({ waiting: { reason: "ErrImagePull", message: "no" } }),
      ["[Pod p] [ErrImagePull] container c: no"],
    ],
    [
      "a crash loop, with the last end",
      container(
        { waiting: { reason: "CrashLoopBackOff" } },
        { terminated: { reason: "Error", exitCode: 2, message: "boom" } },
      ),
      ["[Pod p] [CrashLoopBackOff] container c", "[Pod p] [Error] container c ended with exit code 2: boom"],
    ],
    [
      "an evicted pod",
      pod({ phase: "Failed", reason: "Evicted", message: "no memory" }),
      ["[Pod p] [Evicted] no memory"],
    ],
    ["a container on its way", container({ waiting: { reason: "ContainerCreating" } }), []],
    [
      "a ready pod that restarted once",
      pod({
        conditions: conditions(["Ready", "True"]),
        containerStatuses: [{ name: "c", lastState: { terminated: { exitCode: 1 } } }],
      }),
      [],
    ],
    [
      "a pod that is going",
      { metadata: { name: "p", deletionTimestamp: "t" }, status: { phase: "Failed", reason: "Shutdown" } },
      [],
    ],
  ])("of %s", (_case, object, faults) => {
    expect(podFaults(object)).toEqual(faults);
  });
});

describe("labelSelector", () => {
  it("has labels and expressions in the API's form", () => {
    const matchExpressions = [
      { key: "a", operator: "In", values: ["1", "2"] },
      { key: "b", operator: "NotIn", values: ["3"] },
      { key: "c", operator: "Exists" },
      { key: "d", operator: "DoesNotExist" },
    ];
    expect(labelSelector({ matchLabels: { app: "x" }, matchExpressions })).toBe("app=x,a in (1,2),b notin (3),c,!d");
  });
});
