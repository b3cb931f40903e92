import { describe, expect, test } from "vitest";
import type { KubeApi } from "../../../../kube/kube-client.ts";
import { KubeError } from "../../../../kube/kube-error.ts";
import type { CustomObject } from "../../../../kube/kube-objects.ts";
import { awaitSync, check, diff, type SyncInputs } from "../../../../protocol/delivery/sync-resource.ts";
import { unknownValue } from "../../../../protocol/frame/unknown.ts";
import { steppingClock } from "../../../support/stepping-clock.ts";

const inputs: SyncInputs = {
  kubeContext: "test",
  apiVersion: "secrets.hashicorp.com/v1beta1",
  kind: "VaultStaticSecret",
  namespace: "app",
  name: "config",
  uid: "u1",
  generation: 1,
  timeoutSeconds: 120,
};
const live = (status?: Record<string, unknown>, uid = "u1"): CustomObject => ({
  metadata: { name: "config", namespace: "app", uid, generation: 1 },
  ...(status && { status }),
});

/** An API server with one answer a look; the last one stays. Time passes only while it is slept. */
function world(answers: readonly (CustomObject | null | Error)[]) {
  let looks = 0;
  const clock = steppingClock();
  const kube: Pick<KubeApi, "readCustomObject" | "readEvents"> = {
    readCustomObject: (kind, namespace, name) => {
      expect([kind.plural, namespace, name]).toEqual(["vaultstaticsecrets", "app", "config"]);
      const answer = answers[Math.min(looks++, answers.length - 1)] ?? null;
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    },
    readEvents: () =>
      Promise.resolve([
        { type: "Warning", reason: "VaultClientError", message: "permission denied", lastTimestamp: "1" },
      ]),
  };
  return { kube: kube as KubeApi, clock, looks: () => looks, now: () => clock.now() };
}

describe("waiting for a custom resource", () => {
  test("ends as soon as the operator has synced it", async () => {
    const { kube, clock, looks } = world([live(), live({ lastGeneration: 0 }), live({ lastGeneration: 1 })]);
    expect(await awaitSync(kube, clock, inputs)).toEqual({ synced: true });
    expect(looks()).toBe(3);
  });

  test("outlasts an API server that falls silent", async () => {
    const silent = new KubeError("unreachable", 0, "no answer");
    const { kube, clock } = world([silent, live({ lastGeneration: 1 })]);
    expect(await awaitSync(kube, clock, inputs)).toMatchObject({ synced: true });
  });

  test("fails in time with what the operator says", async () => {
    const { kube, clock, now } = world([live({ lastGeneration: 0 })]);
    await expect(awaitSync(kube, clock, inputs)).rejects.toThrow(
      /^VaultStaticSecret app\/config: must be synced within 120 s, got:\n.*generation 0 of 1\n {2}VaultClientError: permission denied\n/,
    );
    expect(now()).toBeGreaterThan(120_000);
    expect(now()).toBeLessThan(121_000);
  });

  test("does not take another one of the same name for it", async () => {
    const { kube, clock } = world([live({ lastGeneration: 1 }, "u2")]);
    await expect(awaitSync(kube, clock, inputs)).rejects.toThrow("it is gone, or another one has its name");
  });

  test("fails at once when it may not look", async () => {
    const { kube, clock, looks } = world([new KubeError("forbidden", 403, "may not get")]);
    await expect(awaitSync(kube, clock, inputs)).rejects.toThrow("may not get");
    expect(looks()).toBe(1);
  });
});

describe("the inputs", () => {
  test("get every fault at once, and none for what is not known yet", async () => {
    const faults = await check(inputs, { ...inputs, uid: "", generation: 0, name: "" });
    expect(faults.failures?.map(({ property }) => property)).toEqual(["name", "uid", "generation"]);
    const unknowns = Object.fromEntries(Object.keys(inputs).map((key) => [key, unknownValue])) as unknown as SyncInputs;
    expect((await check(inputs, unknowns)).failures).toEqual([]);
  });

  test.each([
    ["another spec", { generation: 2 }, true],
    ["another object", { uid: "u2" }, true],
    ["what is not known yet", { generation: unknownValue as unknown as number }, true],
    ["another name of the context", { kubeContext: "renamed" }, false],
    ["another patience", { timeoutSeconds: 60 }, false],
    ["nothing", {}, false],
  ])("wait again for %s", async (_, change, changes) => {
    expect(await diff("id", { ...inputs, synced: true }, { ...inputs, ...change })).toEqual({ changes });
  });
});
