import type { Runbook } from "../../protocol/stops/runbooks.ts";
import type { EscrowPair } from "../support/escrow-key.ts";
import { giveShares } from "../support/key-copies.ts";
import { storedRecord } from "../support/fault-walk.ts";
import type { VaultWorld } from "../support/vault-world.ts";

/** Somebody who does something between two steps of a run. */
export interface ThirdParty {
  readonly name: string;
  readonly acts: (world: VaultWorld, people: readonly EscrowPair[]) => Promise<void>;
  /** Where the next `up` may end, when a person must decide after that; nothing when it must come up by itself. */
  readonly mayStop: readonly Runbook[];
}

/** What people and other programs do to a Vault and its keys while a run is under way. */
export const thirdParties: readonly ThirdParty[] = [
  {
    name: "a holder gives a share",
    acts: async (world, people) => {
      const stored = storedRecord(world);
      const pending = stored.kind === "keys" ? stored.record.pending?.shares : null;
      if (pending != null) await giveShares(world, people, pending);
    },
    mayStop: [],
  },
  {
    name: "a person cancels what is under way",
    acts: (world) =>
      everywhere(world, (vault) => {
        vault.cancelOperations();
      }),
    mayStop: [],
  },
  {
    name: "a person seals Vault",
    acts: (world) =>
      everywhere(world, (vault) => {
        vault.seal();
      }),
    mayStop: [],
  },
  {
    name: "the pods restart",
    acts: (world) => {
      for (const pod of world.target.pods) world.kube.restartPod(pod);
      return Promise.resolve();
    },
    mayStop: [],
  },
  {
    name: "a person replaces the keys",
    acts: (world) => {
      const { storage } = world.vault;
      // As many as before: nothing tells it but the shares themselves.
      storage.shares = storage.shares.map((_, index) => `${index}`.padStart(66, "f"));
      return Promise.resolve();
    },
    mayStop: ["rekeyed-elsewhere", "wrong-shares", "lost-approle", "lost-init"],
  },
  {
    name: "a person deletes the keys Secret",
    acts: (world) => {
      world.kube.remove("secrets", "vault-keys");
      return Promise.resolve();
    },
    mayStop: ["lost-keys", "foreign-vault"],
  },
  {
    name: "a person cuts the keys Secret off",
    acts: (world) => {
      world.kube.set("secrets", "vault-keys", (secret) => {
        const data = secret["data"] as Record<string, string>;
        data["record.json"] = (data["record.json"] ?? "").slice(0, 40);
      });
      return Promise.resolve();
    },
    mayStop: ["damaged-keys"],
  },
  {
    name: "a person puts an older copy of the keys Secret back",
    acts: (world) => {
      const older = world.kube.secretHistory.filter(({ name }) => name === "vault-keys").at(-2);
      world.kube.set("secrets", "vault-keys", (secret) => {
        secret["data"] = structuredClone(older?.data ?? secret["data"]);
      });
      return Promise.resolve();
    },
    // A rekey that the copy does not announce is somebody else's.
    mayStop: ["lost-init", "wrong-shares", "rekeyed-elsewhere", "foreign-vault", "lost-keys", "foreign-operation"],
  },
];

function everywhere(world: VaultWorld, act: (vault: VaultWorld["vault"]) => void): Promise<void> {
  world.vaults.forEach(act);
  return Promise.resolve();
}
