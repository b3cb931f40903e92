/**
 * What somebody made in Vault by hand, found by the stack's own login in a real Vault. The stack is Vault alone, so it
 * does not show roles of database engines and directories; their lists are in the unit tests.
 */
import { afterAll, beforeAll, expect, test } from "vitest";
import { DevStack, vaultOnly } from "../../support/dev-stack.ts";

let dev: DevStack;

beforeAll(async () => {
  dev = await DevStack.create("live-inventory", { vault: 30462, webApp: 30463 });
  const up = await dev.stack.upAtOnce(...vaultOnly);
  expect(up.code, up.output).toBe(0);
});

afterAll(async () => {
  await dev.remove();
});

const inventory = async (...flags: readonly string[]) =>
  dev.stack.runScript("scripts/inventory.ts", "--cluster", "current", ...flags);

test("a stack finds nothing in its Vault but its own, and then what is made by hand, down to roles, with code", async () => {
  const clean = await inventory();
  expect(clean.code, clean.output).toBe(0);
  expect(clean.output).toContain(`All that is in the Vault of stack ${dev.stack.name} is the stack's.`);

  const admin = await dev.admin();
  await admin.request("PUT", "sys/policies/acl/by-hand", { policy: 'path "x" { capabilities = ["read"] }' });
  await admin.request("POST", "sys/mounts/by-hand", { type: "transit" });
  await admin.request("POST", "by-hand/keys/lonely", {});
  await admin.request("POST", "sys/auth/by-hand", { type: "kubernetes" });
  await admin.request("POST", "auth/by-hand/role/guest", {
    ...{ bound_service_account_names: ["guest"], bound_service_account_namespaces: ["default"], policies: ["by-hand"] },
  });

  const found = await inventory("--format", "json");
  expect(found.code, found.output).toBe(0);
  const { unmanaged, closed } = JSON.parse(found.output) as {
    unmanaged: { object: { kind: string; id: string }; code: string }[];
    closed: string[];
  };
  expect(unmanaged.map(({ object }) => `${object.kind} ${object.id}`)).toEqual([
    "login method by-hand",
    "login role auth/by-hand/role/guest",
    "policy by-hand",
    "secrets mount by-hand",
    "transit key by-hand/keys/lonely",
  ]);
  expect(closed).toEqual([]);
  const text = await inventory();
  expect(text.output).toContain('new TransitEngine("by-hand", { adopt: true, keys: { … } }, insideVault)');
});
