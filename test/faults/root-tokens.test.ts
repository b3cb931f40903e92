import { beforeAll, expect, onTestFinished, test } from "vitest";
import { type EscrowPair, makeEscrow } from "../support/escrow-key.ts";
import { leaksOf } from "../support/fault-walk.ts";
import { VaultWorld, type WorldOptions } from "../support/vault-world.ts";
import type { Received, Wire, WireFault } from "../support/wire.ts";

/** A root token that a run holds or caused must not outlive a failure that the run itself outlives. Against fakes. */

let escrow: EscrowPair;

beforeAll(async () => {
  escrow = await makeEscrow();
});

async function running(options: Omit<WorldOptions, "escrow"> = {}): Promise<VaultWorld> {
  const world = await new VaultWorld({ shares: 3, threshold: 2, ...options, escrow }).listen();
  onTestFinished(() => world.close());
  expect(await world.stack.up()).toEqual({ kind: "up" });
  return world;
}

function wire(world: VaultWorld, decide: Wire): void {
  for (const server of [world.kube.server, ...world.vaults.map((vault) => vault.server)]) server.wire = decide;
}

const refused: WireFault = { kind: "answer", status: 500, body: { errors: ["internal error"] } };

/** Meets each request of one kind, or only so many of them. */
function on(matches: (request: Received) => boolean, fault: WireFault, times = Infinity): Wire {
  let left = times;
  return (request) => (matches(request) && left-- > 0 ? fault : null);
}

const isRoleWrite: Parameters<typeof on>[0] = ({ method, path }) => method === "POST" && path.includes("/role/pulumi");

/** Vault refuses to write a role so many times, each in a run of its own, and then no more. */
async function expectNoRootAfterFailures(world: VaultWorld, times: number): Promise<void> {
  for (let attempt = 1; attempt <= times; attempt++) {
    wire(world, on(isRoleWrite, refused));
    expect(await world.stack.up()).toMatchObject({ kind: "failed" });
    expect(world.vault.rootTokens()).toEqual([]);
  }
  wire(world, () => null);
  expect(await world.stack.up()).toEqual({ kind: "up" });
  expect(world.vault.rootTokens()).toEqual([]);
}

test("a login that cannot be rebuilt leaves no root token, however often it is tried", async () => {
  const world = await running();
  world.vault.storage.roles.clear();
  await expectNoRootAfterFailures(world, 3);
});

test("a revocation that fails at first is repeated", async () => {
  const world = await running();
  world.vault.storage.roles.clear();
  const role = on(isRoleWrite, refused);
  const revoke = on(({ path }) => path.endsWith("/auth/token/revoke-self"), refused, 2);
  wire(world, (request) => role(request) ?? revoke(request));
  expect(await world.stack.up()).toMatchObject({ kind: "failed" });
  expect(world.vault.rootTokens()).toEqual([]);
});

test("a root token that cannot be ended is told, with the runbook that ends it", async () => {
  const world = await running({ speed: 200 });
  world.vault.storage.roles.clear();
  const role = on(isRoleWrite, refused);
  const revoke = on(({ path }) => path.endsWith("/auth/token/revoke-self"), refused);
  wire(world, (request) => role(request) ?? revoke(request));
  const result = await world.stack.up();
  expect(result).toMatchObject({ kind: "stopped", runbook: "live-root-token" });
  expect(result.kind === "up" ? "" : result.message).toContain("internal error");
  expect(leaksOf(world)).toEqual([]);
});

test("the first up that fails ends its root token when the shares make another", async () => {
  const world = await new VaultWorld({ shares: 3, threshold: 2, escrow }).listen();
  onTestFinished(() => world.close());
  await expectNoRootAfterFailures(world, 1);
});

test("the only way into a Vault is not ended: where no other root token could be made it stays, encrypted", async () => {
  const world = await new VaultWorld({ shares: 3, threshold: 2, escrow }).listen();
  onTestFinished(() => world.close());
  world.vault.wantsLoginForKeys = true;
  wire(world, on(isRoleWrite, refused));
  expect(await world.stack.up()).toMatchObject({ kind: "failed" });
  expect(world.vault.rootTokens()).toHaveLength(1);
  wire(world, () => null);
  expect(await world.stack.up()).toEqual({ kind: "up" });
  expect(world.vault.rootTokens()).toEqual([]);
});

test("a root token whose answer was lost is found and ended, and an operator's own is left alone", async () => {
  const world = await running();
  const operators = world.vault.operatorToken();
  world.vault.storage.roles.clear();
  let given = 0;
  wire(world, ({ path }) => (path.endsWith("generate-root/update") && ++given === 2 ? { kind: "cut-reply" } : null));
  await world.stack.up();
  expect(world.vault.rootTokens()).toEqual([operators]);
  wire(world, () => null);
  expect(await world.stack.up()).toEqual({ kind: "up" });
  expect(world.vault.rootTokens()).toEqual([operators]);
});

test("a generate-root that fails is cancelled, so that it is in nobody's way", async () => {
  const world = await running();
  world.vault.storage.roles.clear();
  wire(
    world,
    on(({ path }) => path.endsWith("generate-root/update"), refused),
  );
  expect(await world.stack.up()).toMatchObject({ kind: "failed" });
  expect(world.vault.hasGenerateRoot).toBe(false);
});

test("Vault cannot read its storage while a root token is made: that is no change of its keys", async () => {
  const world = await running();
  world.vault.storage.roles.clear();
  const words =
    "root generation aborted: unable to authenticate: failed to fetch stored keys: context deadline exceeded";
  wire(
    world,
    on(({ path }) => path.endsWith("generate-root/update"), { kind: "answer", status: 400, body: { errors: [words] } }),
  );
  const result = await world.stack.up();
  expect(result.kind === "up" ? "" : result.message).not.toContain("changed outside this stack");
  wire(world, () => null);
  expect(await world.stack.up()).toEqual({ kind: "up" });
});
