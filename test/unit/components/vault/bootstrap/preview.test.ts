import { describe, expect, test, vi } from "vitest";
import { unknownValue } from "../../../../../graph/recorder.ts";
import { graphOfPreview, type PreviewScenario } from "../../../../support/graph-of-preview.ts";

/**
 * What a program asks for while values are absent or Vault does not serve. What the engine and the official plugins
 * make of that is for the live tests.
 */

// Each scenario is a process; on a busy machine it takes seconds to start.
vi.setConfig({ testTimeout: 120_000 });

async function inputsOf(type: string, scenario: PreviewScenario): Promise<Readonly<Record<string, unknown>>> {
  const { resources } = await graphOfPreview(scenario);
  return resources.find((resource) => resource.type === type)?.inputs ?? {};
}

describe("a computed input of a dynamic resource that turns out to be absent", () => {
  const type = "pulumi-nodejs:dynamic/vault:Quorum";

  test("is not known yet in a preview, inside of objects and lists too", async () => {
    expect(await inputsOf(type, { program: "probe", preview: true })).toMatchObject({
      absent: unknownValue,
      late: unknownValue,
      around: { computed: unknownValue, there: 1 },
      nothing: null,
      given: 1,
    });
  });

  test("is absent in an up, where it is a fault", async () => {
    const inputs = await inputsOf(type, { program: "probe", preview: false });
    expect(inputs).toMatchObject({ inside: { there: 1 }, around: { there: 1 }, given: 1 });
    expect(inputs).not.toHaveProperty("absent");
    expect(inputs).not.toHaveProperty("late");
  });
});

describe("a custom resource whose spec is not known yet, so that the cluster tells neither uid nor generation", () => {
  test("has both as not known yet in a preview", async () => {
    const inputs = await inputsOf("pulumi-nodejs:dynamic/delivery:Sync", { program: "customResource", preview: true });
    expect(inputs).toMatchObject({ name: "auth", uid: unknownValue, generation: unknownValue });
  });
});

describe("what refers to a custom resource by name", () => {
  test("knows the name while the operator has yet to see a change", async () => {
    const inputs = await inputsOf("kubernetes:core/v1:ConfigMap", { program: "customResource", preview: true });
    expect(inputs).toMatchObject({ data: { name: "auth" } });
  });
});

describe("the provider of a Vault that does not serve", () => {
  const sealed = {
    program: "bootstrap",
    preview: true,
    outputs: { keysFingerprint: "f", roleId: "role", secretId: "secret" },
    reach: { recorded: { clusterId: "the-cluster" } },
  } as const;
  const provider = (scenario: PreviewScenario) => inputsOf("pulumi:providers:vault", scenario);

  test("is known as a whole in a preview, and told Vault's version, so that it asks nobody", async () => {
    const inputs = await provider(sealed);
    expect(inputs).toMatchObject({ address: "http://127.0.0.1:1", vaultVersionOverride: "1.21.0" });
    expect(JSON.stringify(inputs)).not.toContain(unknownValue);
  });

  test("comes after a login to the cluster that its keys belong to", async () => {
    const inputs = await inputsOf("pulumi-nodejs:dynamic/vault:AdminAccess", sealed);
    expect(inputs).toMatchObject({ clusterId: "the-cluster" });
  });

  test("is not known where it would have to ask: no keys on record, an image without a version, or imports", async () => {
    expect(await provider({ ...sealed, reach: {} })).toMatchObject({ address: unknownValue });
    expect(await provider({ ...sealed, image: "vault@sha256:0" })).toMatchObject({ address: unknownValue });
    expect(await provider({ ...sealed, comparesWithoutVault: false })).toMatchObject({ address: unknownValue });
  });

  test("is not known when everything is looked at first", async () => {
    const env = { PULUMI_OPTION_REFRESH: "true" };
    expect(await provider({ ...sealed, env })).toMatchObject({ address: unknownValue });
  });

  test("is not made in a refresh, which finds out that Vault does not serve", async () => {
    const outputs = { ...sealed.outputs, serving: false };
    await expect(graphOfPreview({ ...sealed, outputs })).rejects.toThrow("does not serve, so what lives inside it");
  });

  test("is said to compare with the last run", async () => {
    const { log } = await graphOfPreview(sealed);
    expect(log).toContain(
      "Vault cannot be asked in this preview (it is sealed): what lives inside it is compared with",
    );
  });
});
