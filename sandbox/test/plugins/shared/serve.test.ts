import { afterEach, describe, expect, test } from "vitest";
import { PartialFailure, PluginError } from "../../../plugins/shared/errors.ts";
import { Secret, unknown, Unknown, type JsonObject } from "../../../plugins/shared/property.ts";
import type { Provider, ResourceType } from "../../../plugins/shared/provider.ts";
import { InitFailed, PluginClient } from "../../support/plugin-client.ts";

// Proves the framework over a real gRPC connection. Does not prove that the engine calls it this way.

const box = "shelf:index/box:Box";

const clients: PluginClient[] = [];
afterEach(() => {
  clients.splice(0).forEach((client) => {
    client.close();
  });
});

async function serve(
  type: Partial<ResourceType> = {},
  configure?: (config: JsonObject) => void,
): Promise<PluginClient> {
  const boxes: ResourceType = {
    inputs: {
      label: { type: "string", required: true, replace: true },
      code: { type: "string", secret: true },
      tags: { type: { list: "string" }, set: true },
      size: { type: "integer", default: 3 },
      lid: { type: { object: { color: { type: "string" } } } },
      note: {
        type: "string",
        fault: (value) => (value === "" ? "must say something, got nothing; write a note" : undefined),
      },
    },
    outputs: { serial: {}, key: { secret: true }, opened: { stable: false } },
    create: (inputs) => Promise.resolve({ id: "1", outputs: { ...inputs, serial: "s1", key: "k1", opened: "never" } }),
    read: () => Promise.resolve(undefined),
    update: ({ news }) => Promise.resolve({ ...news, serial: "s1", key: "k1", opened: "now" }),
    delete: () => Promise.resolve(),
    ...type,
  };
  const provider: Provider = {
    name: "shelf",
    version: "1.0.0",
    config: {
      properties: { room: { type: "string" }, lamp: { type: { object: { on: { type: "boolean" } } } } },
      configure: configure ?? ((): void => undefined),
    },
    resourceType: (token) => (token === box ? boxes : undefined),
  };
  const client = await PluginClient.serve(provider);
  clients.push(client);
  return client;
}

describe("check", () => {
  test("fills in defaults and marks secrets", async () => {
    const { inputs, faults } = await (await serve()).check(box, { label: "a", code: "c" });
    expect(faults).toEqual([]);
    expect(inputs).toEqual({ label: "a", code: new Secret("c"), size: 3 });
  });

  test("rejects properties without a rule at every depth, missing ones and wrong types, all at once", async () => {
    const { faults } = await (await serve()).check(box, { color: "red", lid: { size: 1 }, tags: [1], size: 1.5 });
    expect(faults.map((fault) => fault.split(":")[0]).sort()).toEqual([
      "color",
      "label",
      "lid.size",
      "size",
      "tags[0]",
    ]);
    expect(faults.join()).toContain("must be a property this stand-in plugin covers");
  });

  test("keeps unknown inputs unknown and does not judge them", async () => {
    const { inputs, faults } = await (await serve()).check(box, { label: unknown, note: new Secret(unknown) });
    expect(faults).toEqual([]);
    expect(inputs).toMatchObject({ label: unknown, note: new Secret(unknown) });
  });

  test("keeps the secret marks of inputs that the type rewrites", async () => {
    const client = await serve({ check: (news) => ({ inputs: { ...news, note: "tidied" }, faults: [] }) });
    const { inputs } = await client.check(box, { label: "a", note: new Secret("untidy") });
    expect(inputs["note"]).toEqual(new Secret("tidied"));
  });

  test("rejects a type that is not covered", async () => {
    await expect((await serve()).check("shelf:index/crate:Crate", {})).rejects.toThrow(
      "must be a type the stand-in of the shelf plugin covers",
    );
  });
});

describe("diff", () => {
  test("sees no change in a reordered set", async () => {
    const diff = await (await serve()).diff(box, "1", { tags: ["a", "b"] }, { tags: ["b", "a"] });
    expect(diff.changed).toBe(false);
  });

  test("replaces where the rule says so and gives the path of every change", async () => {
    const diff = await (
      await serve()
    ).diff(box, "1", { label: "a", lid: { color: "red" } }, { label: "b", lid: { color: "blue" }, size: 1 });
    expect(diff.replaces).toEqual(["label"]);
    expect(diff.details).toEqual({ label: "UPDATE_REPLACE", "lid.color": "UPDATE", size: "ADD" });
  });

  test("takes an unknown value for a change", async () => {
    expect((await (await serve()).diff(box, "1", { label: "a" }, { label: unknown })).replaces).toEqual(["label"]);
  });

  test("compares secrets by value", async () => {
    expect((await (await serve()).diff(box, "1", { code: new Secret("c") }, { code: "c" })).changed).toBe(false);
  });
});

describe("operations", () => {
  test("returns marked outputs of a create", async () => {
    const { id, outputs } = await (
      await serve()
    ).create(box, { label: "a", code: new Secret("c"), note: new Secret("n") });
    expect(id).toBe("1");
    expect(outputs).toMatchObject({
      label: "a",
      code: new Secret("c"),
      note: new Secret("n"),
      serial: "s1",
      key: new Secret("k1"),
    });
  });

  test("previews a create with unknown outputs and without creating", async () => {
    const client = await serve({ create: () => Promise.reject(new Error("must not be called")) });
    const { outputs } = await client.create(box, { label: "a", code: unknown }, { preview: true });
    expect(outputs).toMatchObject({ label: "a", serial: unknown, key: new Secret(unknown), code: new Secret(unknown) });
  });

  test("previews an update with its stable outputs", async () => {
    const olds = { label: "a", serial: "s1", opened: "never" };
    const outputs = await (
      await serve()
    ).update(box, "1", { label: "a" }, { label: "a", size: 4 }, { preview: true, oldOutputs: olds });
    expect(outputs).toMatchObject({ size: 4, serial: "s1" });
    expect(outputs["opened"]).toBeInstanceOf(Unknown);
  });

  test("reports a resource that is gone", async () => {
    expect(await (await serve()).read(box, "1", { label: "a" })).toBeUndefined();
  });

  test("reports drift of declared inputs only", async () => {
    const client = await serve({
      read: () => Promise.resolve({ id: "1", outputs: { label: "b", tags: ["y", "x"], size: 9, serial: "s1" } }),
    });
    const live = await client.read(box, "1", { label: "a", tags: ["x", "y"], code: new Secret("c") });
    expect(live?.inputs).toEqual({ label: "b", tags: ["x", "y"], code: new Secret("c"), size: 3 });
  });

  test("hands over what exists after a partial failure", async () => {
    const client = await serve({
      create: () =>
        Promise.reject(new PartialFailure({ id: "7", outputs: { serial: "s7" } }, ["the lid does not close"])),
    });
    const failure = await client.create(box, { label: "a" }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(InitFailed);
    expect(failure).toMatchObject({
      id: "7",
      outputs: { label: "a", serial: "s7" },
      reasons: ["the lid does not close"],
    });
  });

  test("removes secrets from errors, also those inside JSON text", async () => {
    const client = await serve({
      create: () => Promise.reject(new PluginError("server said: hunter2 and swordfish are wrong")),
    });
    const inputs = { label: "a", code: new Secret("hunter2"), note: new Secret(JSON.stringify({ fish: "swordfish" })) };
    await expect(client.create(box, inputs)).rejects.toThrow("server said: [secret] and [secret] are wrong");
  });

  test("refuses functions loudly", async () => {
    await expect((await serve()).invoke("shelf:index/find:find")).rejects.toThrow(
      "function shelf:index/find:find: must be covered",
    );
  });
});

describe("configuration", () => {
  test("reads settings sent as JSON text and leaves the engine's own alone", async () => {
    const seen: JsonObject[] = [];
    const client = await serve({}, (config) => {
      seen.push(config);
    });
    const config = { room: "7", lamp: '{"on":true}', version: "1.0.0" };
    expect(await client.checkConfig(config)).toEqual([]);
    await client.configure(config);
    expect(seen).toEqual([{ room: "7", lamp: { on: true } }]);
  });

  test("rejects a setting that is not covered", async () => {
    expect(await (await serve()).checkConfig({ door: "open" })).toEqual([
      expect.stringContaining("door: must be a property"),
    ]);
  });

  test("does not configure while a setting is unknown", async () => {
    const seen: JsonObject[] = [];
    const client = await serve({}, (config) => {
      seen.push(config);
    });
    await client.configure({ room: unknown });
    expect(seen).toEqual([]);
  });

  test("updates the provider in place when a setting changes", async () => {
    const diff = await (await serve()).diffConfig({ room: "7" }, { room: "8" });
    expect(diff).toMatchObject({ changed: true, replaces: [], details: { room: "UPDATE" } });
  });
});
