/**
 * A cluster whose network is cut between its servers, as it looks to a run, which reaches each of them through the
 * Kubernetes API: one sees no leader, all see none, or one goes on saying that it leads. Proved against fakes; what
 * Vault's servers do themselves then is for test/live/long/ha-hardships.test.ts.
 */
import { beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import * as quorum from "../../protocol/raft/quorum-resource.ts";
import * as leases from "../../protocol/database/role-leases-resource.ts";
import type { QuorumInputs } from "../../protocol/raft/quorum-properties.ts";
import type { UnsealInputs, UnsealOutputs } from "../../protocol/unseal/unseal-properties.ts";
import * as unseal from "../../protocol/unseal/unseal-resource.ts";
import { type EscrowPair, makeEscrow } from "../support/escrow-key.ts";
import { FakeRaft } from "../support/fake-raft.ts";
import { copiesOfStack, ownLogin, servedVault } from "../support/served-vault.ts";
import type { VaultWorld } from "../support/vault-world.ts";

/** How the network of three servers is cut, of which the first one led, and what a run says of it. */
interface Partition {
  readonly name: string;
  readonly cut: (world: VaultWorld) => void;
  readonly says: string;
}

const partitions: readonly Partition[] = [
  {
    name: "between its former leader, which has noticed, and the rest",
    cut: (world) => {
      elect(world, 1);
      world.vault.cutOff = "standby";
    },
    says: "pod vault-0 does not see its leader yet",
  },
  {
    name: "between its former leader, which has not noticed, and the rest",
    cut: (world) => {
      elect(world, 1);
      world.vault.cutOff = "leader";
    },
    says: "2 nodes say they lead: vault-0, vault-1",
  },
  {
    name: "between all of its servers",
    cut: (world) => {
      for (const vault of world.vaults) vault.cutOff = "standby";
    },
    says: "no node leads yet",
  },
];

let escrow: EscrowPair;
let copy: () => Promise<VaultWorld>;

beforeAll(async () => {
  escrow = await makeEscrow();
  copy = await copiesOfStack(escrow, 3);
});

function elect(world: VaultWorld, index: number): void {
  const leader = world.vaults[index] ?? null;
  for (const vault of world.vaults) vault.leader = vault === leader ? null : leader;
}

function mend(world: VaultWorld): void {
  for (const vault of world.vaults) vault.cutOff = null;
}

/** What was asked of the servers that could change something, by server. */
function changesAt(world: VaultWorld): string[] {
  return world.vaults.flatMap(({ server }, index) =>
    server.log.filter(({ method }) => method !== "GET").map(({ method, path }) => `vault-${index} ${method} ${path}`),
  );
}

function unsealInputs({ target, stack }: VaultWorld): UnsealInputs {
  const { keysFingerprint = "" } = stack.state.init ?? {};
  const keys = { keysSecret: "vault-keys", keysFingerprint, escrowPrivateKey: escrow.privateKey };
  return { target, ...keys, podTemplateHash: "hash", protocolVersion: 1 };
}

function quorumInputs({ target }: VaultWorld): QuorumInputs {
  return { target, clusterId: "cluster", ...ownLogin, protocolVersion: 1 };
}

async function opened(open: () => Promise<VaultWorld>): Promise<VaultWorld> {
  const world = await open();
  onTestFinished(() => world.close());
  return world;
}

describe.each(partitions)("a cluster whose network is cut $name", ({ cut, says }) => {
  test("is waited for, told by the name of what is wrong, changed in nothing, and goes on by the next up", async () => {
    const world = await opened(copy);
    world.stack.adoptExisting = true;
    expect(await world.stack.up()).toEqual({ kind: "up" });
    const before = { keys: world.kube.get("secrets", "vault-keys"), asked: changesAt(world).length };
    cut(world);
    const up = await world.stack.up();
    expect(up).toMatchObject({ kind: "stopped", runbook: "not-ready" });
    expect(up).toHaveProperty("message", expect.stringContaining(says));
    expect(changesAt(world).slice(before.asked)).toEqual([]);
    expect(world.kube.get("secrets", "vault-keys")).toEqual(before.keys);
    expect(world.vault.rootTokens()).toEqual([]);
    mend(world);
    expect(await world.stack.up()).toEqual({ kind: "up" });
    expect(world.inits).toBe(0);
  });

  test("is not serving by what a refresh reads, and is looked after by the next up", async () => {
    const world = await opened(() => servedVault(escrow, 3));
    vi.stubEnv("KUBECONFIG", await world.kube.kubeconfig());
    onTestFinished(() => {
      vi.unstubAllEnvs();
    });
    const outputs: UnsealOutputs = { ...unsealInputs(world), clusterId: "cluster", serving: true, sealedNodes: [] };
    expect((await unseal.read("id", outputs)).props).toMatchObject({ serving: true });
    cut(world);
    const { props } = await unseal.read("id", outputs);
    expect(props).toMatchObject({ serving: false, sealedNodes: [] });
    expect(await unseal.diff("id", outputs, unsealInputs(world))).toEqual({ changes: true });
    expect(changesAt(world)).toEqual([]);
  });
});

describe("what acts inside Vault", () => {
  test("does so at no server that only says it leads", async () => {
    const world = await opened(() => servedVault(escrow, 3));
    new FakeRaft(world, 1);
    world.vault.cutOff = "leader";
    const { context } = world.context();
    const inputs = { mount: "demo-db", role: "app", roleFingerprint: "f", loginGeneration: "g", protocolVersion: 1 };
    const credential = { kind: "app-role", ...ownLogin } as const;
    await expect(leases.createIn(context, { ...inputs, target: world.target, credential })).rejects.toThrow(
      "Vault does not serve",
    );
    await expect(quorum.createIn(context, quorumInputs(world))).rejects.toThrow("no server leads");
    expect(changesAt(world)).toEqual([]);
  });

  test("waits for a server to lead, and does not take a cluster that cannot be asked for one that changed", async () => {
    const world = await opened(() => servedVault(escrow, 3));
    new FakeRaft(world, 1);
    vi.stubEnv("KUBECONFIG", await world.kube.kubeconfig());
    onTestFinished(() => {
      vi.unstubAllEnvs();
    });
    for (const vault of world.vaults) vault.cutOff = "standby";
    const outputs = { ...quorumInputs(world), voters: world.target.pods, failureTolerance: 1 };
    expect(await quorum.diff("id", outputs, quorumInputs(world))).toEqual({ changes: false });
    const waiting = quorum.createIn(world.context().context, quorumInputs(world));
    mend(world);
    expect((await waiting).outs).toMatchObject({ voters: world.target.pods });
  });
});
