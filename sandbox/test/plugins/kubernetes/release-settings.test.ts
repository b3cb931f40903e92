import pb from "@pulumi/pulumi/proto/provider_pb.js";
import { afterEach, describe, expect, test } from "vitest";
import { callOfficial, forwardingServer } from "../../../plugins/kubernetes/forwarding.ts";
import { clientOf, type OfficialPlugin } from "../../../plugins/kubernetes/official-plugin.ts";
import { ReleaseSettings } from "../../../plugins/kubernetes/release-settings.ts";
import { PartialFailure, PluginError } from "../../../plugins/shared/errors.ts";
import { serveOn } from "../../../plugins/shared/listen.ts";
import type { PropertyMap } from "../../../plugins/shared/property.ts";
import type { Provider, ResourceType } from "../../../plugins/shared/provider.ts";
import { servePlugin } from "../../../plugins/shared/serve.ts";
import { InitFailed, PluginClient } from "../../support/plugin-client.ts";

// Proves what stands before the official plugin, with a plugin of a test behind it. That the official one answers a
// look as it is asked here is shown by the live tests of two stacks.

const box = "kubernetes:core/v1:Box";

const closers: (() => void)[] = [];
afterEach(() => {
  closers.splice(0).forEach((close) => {
    close();
  });
});

/** A plugin whose objects are there by id, behind the one that is tested; the variables of each start are noted. */
async function plugin(there: readonly string[] = [], differences: Partial<ResourceType> = {}) {
  const created: string[] = [];
  const starts: Readonly<Record<string, string>>[] = [];
  const boxes: ResourceType = {
    inputs: {
      metadata: { type: { object: { name: { type: "string" }, namespace: { type: "string" } } } },
      note: { type: "string" },
    },
    outputs: {},
    create: (inputs) => {
      created.push(JSON.stringify(inputs["metadata"]));
      return Promise.resolve({ id: "made", outputs: inputs });
    },
    read: ({ id }) => Promise.resolve(there.includes(id) ? { id, outputs: {} } : undefined),
    delete: () => Promise.resolve(),
    ...differences,
  };
  const provider: Provider = {
    name: "kubernetes",
    version: "1.0.0",
    config: { properties: {}, configure: () => undefined },
    resourceType: (token) => (token === box ? boxes : undefined),
  };
  const settings = await ReleaseSettings.before(async (variables): Promise<OfficialPlugin> => {
    starts.push(variables);
    const { port, close } = await servePlugin(provider, undefined);
    const inner = clientOf(`127.0.0.1:${port}`);
    // As the module has it.
    const withoutHandshake = forwardingServer(() => ({ client: inner, end: close }), {
      handshake: () => Promise.reject(new Error("method Handshake not implemented")),
    });
    const client = clientOf(`127.0.0.1:${await serveOn(withoutHandshake)}`);
    const end = (): void => {
      client.close();
      withoutHandshake.forceShutdown();
      inner.close();
      close();
    };
    closers.push(end);
    return { client, end };
  });
  const port = await serveOn(settings.server);
  closers.push(() => {
    settings.server.forceShutdown();
    settings.end();
  });
  const client = PluginClient.at(port);
  closers.push(() => {
    client.close();
  });
  return { client, created, starts, address: `127.0.0.1:${port}` };
}

/** Configures the plugin as the engine does: settings as variables. */
async function configure(address: string, settings: Readonly<Record<string, string>>): Promise<void> {
  const request = new pb.ConfigureRequest().setAcceptsecrets(true);
  for (const [name, value] of Object.entries(settings)) {
    request.getVariablesMap().set(`kubernetes:config:${name}`, value);
  }
  await call(address, "configure", request);
}

/** Calls the plugin past the client of the tests, which does not hand on every call. */
async function call(
  address: string,
  method: "configure" | "handshake",
  request: { readonly serializeBinary: () => Uint8Array },
): Promise<void> {
  const client = clientOf(address);
  closers.push(() => {
    client.close();
  });
  await callOfficial({ client, end: () => undefined }, method, Buffer.from(request.serializeBinary()));
}

const vault: PropertyMap = { metadata: { name: "vault", namespace: "apps" } };

describe("an object that exists", () => {
  test("is not created again, by its namespace and name", async () => {
    const { client, created } = await plugin(["apps/vault"]);
    await expect(client.create(box, vault)).rejects.toThrow('"apps/vault" already exists');
    await client.create(box, { metadata: { name: "vault", namespace: "others" } });
    await client.create(box, { metadata: { name: "vault" } });
    expect(created).toEqual(['{"name":"vault","namespace":"others"}', '{"name":"vault"}']);
  });

  test("is taken over with the setting for it", async () => {
    const { client, created, address } = await plugin(["apps/vault"]);
    await configure(address, { upsertExistingObjects: "true" });
    await client.create(box, vault);
    expect(created).toHaveLength(1);
  });

  test("is no reason to stop a preview", async () => {
    const { client } = await plugin(["apps/vault"]);
    await expect(client.create(box, vault, { preview: true })).resolves.toBeDefined();
  });

  test("is the plugin's affair where it cannot be looked at", async () => {
    const { client, created } = await plugin([], { read: () => Promise.reject(new PluginError("forbidden")) });
    await client.create(box, vault);
    expect(created).toHaveLength(1);
  });
});

describe("fields of others", () => {
  test("are taken by a plugin that was told so when it was started", async () => {
    const { address, starts, client } = await plugin();
    await configure(address, { enablePatchForce: "true" });
    expect(starts).toEqual([{}, { PULUMI_K8S_ENABLE_PATCH_FORCE: "true" }]);
    await expect(client.create(box, vault)).resolves.toBeDefined();
  });

  test("are taken by a plugin that knows no handshake, as the module does not", async () => {
    const { address, starts } = await plugin();
    await expect(call(address, "handshake", new pb.ProviderHandshakeRequest())).rejects.toThrow("not implemented");
    await configure(address, { enablePatchForce: "true" });
    expect(starts).toHaveLength(2);
  });

  test("stay theirs otherwise", async () => {
    const { address, starts } = await plugin();
    await configure(address, { enablePatchForce: "false" });
    expect(starts).toEqual([{}]);
  });
});

describe("a refusal of the plugin", () => {
  test("comes as it was, with what was left behind", async () => {
    const { client } = await plugin([], {
      create: () => Promise.reject(new PartialFailure({ id: "7", outputs: { note: "half" } }, ["it does not start"])),
    });
    const failure = await client.create(box, vault).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(InitFailed);
    expect(failure).toMatchObject({ id: "7", reasons: ["it does not start"], outputs: { note: "half" } });
  });

  test("comes with its words", async () => {
    const { client } = await plugin();
    await expect(client.create("kubernetes:core/v1:Bag", vault)).rejects.toThrow("must be a type the stand-in");
  });
});
