import * as k8s from "@pulumi/kubernetes";
import { afterEach, expect, test, vi } from "vitest";
import { clusterSettings } from "../../../../components/cluster/cluster-settings.ts";
import { find, record } from "../../../../graph/recorder.ts";

afterEach(() => {
  vi.unstubAllEnvs();
});

// What this does not prove: that the provider then reads its own environment; every live test relies on it.
test("the provider of the cluster records nothing of the machine the program runs on", async () => {
  vi.stubEnv("KUBECONFIG", "/home/somebody/kubeconfig");
  vi.stubEnv("PULUMI_K8S_ENABLE_SERVER_SIDE_APPLY", "false");
  const recording = await record(() => new k8s.Provider("cluster", clusterSettings("production", "nothing")));
  expect(find(recording, "pulumi:providers:kubernetes", "cluster").inputs).toEqual({
    context: "production",
    deleteUnreachable: "false",
    enableConfigMapMutable: "false",
    enablePatchForce: "false",
    enableSecretMutable: "true",
    enableServerSideApply: "true",
    upsertExistingObjects: "false",
  });
});

// That fields then go over is shown by the live tests of a lost state and of a gateway that was edited.
test.each([
  ["fields", "true", "false"],
  ["objects", "true", "true"],
] as const)("takes %s of others only with the consent to", async (taking, enablePatchForce, upsertExistingObjects) => {
  const recording = await record(() => new k8s.Provider("cluster", clusterSettings("production", taking)));
  const { inputs } = find(recording, "pulumi:providers:kubernetes", "cluster");
  expect(inputs).toMatchObject({ enablePatchForce, upsertExistingObjects });
});
