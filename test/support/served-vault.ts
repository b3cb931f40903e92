import { randomUUID } from "node:crypto";
import type { EscrowPair } from "./escrow-key.ts";
import { emptyStorage, type VaultStorage } from "./fake-vault.ts";
import { VaultWorld } from "./vault-world.ts";

/** The login of the stack in such a world. */
export const ownLogin = { authPath: "approle-pulumi", roleId: "role-of-the-stack", secretId: "secret-of-the-stack" };

/** A world whose Vault is open and knows the stack's login; nothing of its keys is kept. */
export async function servedVault(escrow: EscrowPair, pods = 1): Promise<VaultWorld> {
  const world = await new VaultWorld({ escrow, pods }).listen();
  fill(world, { ...emptyStorage(), initialized: true, shares: ["unknown"], threshold: 1, clusterId: randomUUID() });
  const { authPath, roleId, secretId } = ownLogin;
  world.vault.storage.mounts.set(`${authPath}/`, "approle");
  const secretIds = new Map([["accessor", secretId]]);
  world.vault.storage.roles.set(`${authPath}/pulumi`, { roleId, policies: ["pulumi"], secretIds });
  world.vault.secrets.push(secretId);
  return world;
}

/** Makes worlds that are like one whose stack came up, with the keys in their Secret. */
export async function copiesOfStack(escrow: EscrowPair, pods: number): Promise<() => Promise<VaultWorld>> {
  const model = await new VaultWorld({ escrow, pods }).listen();
  const end = await model.stack.up();
  await model.close();
  if (end.kind !== "up") throw new Error(`the stack did not come up: ${JSON.stringify(end)}`);
  const keys = model.kube.get("secrets", "vault-keys");
  if (keys === undefined) throw new Error("the stack kept no keys");
  return async () => {
    const world = await new VaultWorld({ escrow, pods }).listen();
    fill(world, model.vault.storage);
    world.kube.put("secrets", keys);
    world.vault.secrets.push(...model.vault.secrets);
    return world;
  };
}

function fill(world: VaultWorld, storage: VaultStorage): void {
  const copy = structuredClone(storage);
  for (const vault of world.vaults) {
    vault.storage = copy;
    vault.sealed = false;
  }
}
