import { afterEach, expect, test } from "vitest";
import { randomProvider } from "../../../plugins/random/provider.ts";
import { Secret } from "../../../plugins/shared/property.ts";
import { PluginClient } from "../../support/plugin-client.ts";

const type = "random:index/randomPassword:RandomPassword";
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

test("draws as many letters and digits as asked for, secret, and other ones each time", async () => {
  const client = await served();
  const { id, outputs } = await client.create(type, { length: 40, special: false });
  const other = await client.create(type, { length: 40, special: false });
  const result = outputs["result"];
  if (!(result instanceof Secret)) throw new Error("the password is not secret");
  expect(result.value).toMatch(/^[A-Za-z0-9]{40}$/);
  expect(other.outputs["result"]).not.toEqual(result);
  expect(id).toBe("none");
});

test("draws other characters too unless told not to", async () => {
  const client = await served();
  const { outputs } = await client.create(type, { length: 400, special: true });
  const result = outputs["result"];
  if (!(result instanceof Secret)) throw new Error("the password is not secret");
  expect(result.value).toMatch(/[^A-Za-z0-9]/);
});

test("draws anew when a keeper or the kinds of characters change, and never in place", async () => {
  const client = await served();
  const olds = { length: 40, special: false, keepers: { mount: "a" } };
  for (const change of [{ keepers: { mount: "b" } }, { special: true }, { length: 41 }]) {
    expect((await client.diff(type, "id", olds, { ...olds, ...change })).replaces).not.toEqual([]);
  }
  expect((await client.diff(type, "id", olds, olds)).changed).toBe(false);
});

test("rejects a length that draws nothing", async () => {
  const client = await served();
  expect((await client.check(type, { length: 0 })).faults.join()).toContain("must be at least 1, got 0");
});
