import { describe, expect, test } from "vitest";
import type { KubeApi } from "../../../../kube/kube-client.ts";
import { KubeError } from "../../../../kube/kube-error.ts";
import {
  awaitTargets,
  check,
  diff,
  type RolloutTargetsInputs,
} from "../../../../protocol/delivery/rollout-targets-resource.ts";
import { unknownValue } from "../../../../protocol/frame/unknown.ts";
import { steppingClock } from "../../../support/stepping-clock.ts";

const inputs: RolloutTargetsInputs = {
  kubeContext: "test",
  secret: "VaultStaticSecret config",
  namespace: "shop",
  targets: [
    { kind: "Deployment", name: "shop" },
    { kind: "argo.Rollout", name: "canary" },
  ],
  timeoutSeconds: 60,
};

/** An API server that has each object from a time on. Time passes only while it is slept. */
function world(since: Readonly<Record<string, number>>, failure?: Error) {
  const clock = steppingClock();
  const kube: Pick<KubeApi, "readCustomObject"> = {
    readCustomObject: ({ apiVersion, plural }, namespace, name) => {
      if (failure !== undefined) return Promise.reject(failure);
      const made = since[`${apiVersion} ${plural} ${namespace}/${name}`];
      return Promise.resolve(made !== undefined && clock.now() >= made ? { metadata: { name } } : null);
    },
  };
  return { kube: kube as KubeApi, clock, now: () => clock.now() };
}

describe("waiting for the workloads that a secret restarts", () => {
  test("ends when the last one was made", async () => {
    const { kube, clock, now } = world({
      "apps/v1 deployments shop/shop": 0,
      "argoproj.io/v1alpha1 rollouts shop/canary": 3_000,
    });
    expect(await awaitTargets(kube, clock, inputs)).toEqual({ found: true });
    expect(now()).toBe(3_000);
  });

  test("fails in time with the names of those that are not there, and what to do", async () => {
    const { kube, clock, now } = world({ "argoproj.io/v1alpha1 rollouts shop/canary": 0 });
    await expect(awaitTargets(kube, clock, inputs)).rejects.toThrow(
      /^rolloutRestart of VaultStaticSecret config in shop: must name workloads that are there within 60 s, got:\n {2}no Deployment shop\nThe operator restarts nothing then/,
    );
    expect(now()).toBeLessThan(61_000);
  });

  test("fails at once when it may not look", async () => {
    const { kube, clock, now } = world({}, new KubeError("forbidden", 403, "may not get"));
    await expect(awaitTargets(kube, clock, inputs)).rejects.toThrow("may not get");
    expect(now()).toBe(0);
  });
});

describe("its inputs", () => {
  test("get every fault at once, and none for what is not known yet", async () => {
    const { failures } = await check(inputs, { ...inputs, namespace: "", targets: [], timeoutSeconds: 0 });
    expect(failures?.map(({ property }) => property)).toEqual(["namespace", "targets", "timeoutSeconds"]);
    const unknown = { ...inputs, namespace: unknownValue };
    expect((await check(inputs, unknown)).failures).toEqual([]);
  });

  test.each([
    ["other workloads", { targets: [{ kind: "Deployment", name: "other" }] }, true],
    ["another namespace", { namespace: "other" }, true],
    ["another patience", { timeoutSeconds: 5 }, false],
    ["nothing", {}, false],
  ])("wait again for %s", async (_, change, changes) => {
    expect(await diff("id", { ...inputs, found: true }, { ...inputs, ...change })).toEqual({ changes });
  });
});
