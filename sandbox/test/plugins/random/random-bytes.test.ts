import { afterEach, expect, test } from "vitest";
import { randomProvider } from "../../../plugins/random/provider.ts";
import { Secret } from "../../../plugins/shared/property.ts";
import { PluginClient } from "../../support/plugin-client.ts";

const type = "random:index/randomBytes:RandomBytes";
const clients: PluginClient[] = [];

afterEach(() => {
  clients.splice(0).forEach((client) => {
    client.close();
  });
});

async function served(): Promise<PluginClient> {
  const client = await PluginClient.serve(randomProvider());
  clients.push(client);
  await client.configure({});
  return client;
}

test("draws as many bytes as asked for, secret, and other ones each time", async () => {
  const client = await served();
  const { outputs } = await client.create(type, { length: 24 });
  const other = await client.create(type, { length: 24 });
  const hex = outputs["hex"];
  if (!(hex instanceof Secret)) throw new Error("the bytes are not secret");
  expect(hex.value).toMatch(/^[0-9a-f]{48}$/);
  expect(other.outputs["hex"]).not.toEqual(hex);
});

test("draws anew when a keeper changes, and never in place", async () => {
  const client = await served();
  const olds = { length: 24, keepers: { mount: "a" } };
  expect((await client.diff(type, "id", olds, { length: 24, keepers: { mount: "b" } })).replaces).not.toEqual([]);
  expect((await client.diff(type, "id", olds, olds)).changed).toBe(false);
});

test("rejects a length that draws nothing", async () => {
  const client = await served();
  expect((await client.check(type, { length: 0 })).faults.join()).toContain("must be at least 1, got 0");
});
