import type { Scenario } from "../support/fault-walk.ts";
import type { VaultWorld } from "../support/vault-world.ts";
import type { Wire } from "../support/wire.ts";

/** The situations an `up` may meet; together their runs take every step of every protocol. */
export const scenarios = {
  fresh: {
    name: "nothing exists",
    world: {},
    prepare: () => Promise.resolve(),
    inits: 1,
    walks: ["init", "unseal", "admin-access"],
  },

  raft: {
    name: "three empty nodes and three shares",
    world: { pods: 3, shares: 3, threshold: 2 },
    prepare: () => Promise.resolve(),
    inits: 1,
    walks: ["unseal"],
  },

  sealed: {
    name: "the pod restarted",
    world: { shares: 3, threshold: 2 },
    prepare: async (world) => {
      await settled(world);
      world.kube.restartPod("vault-0");
    },
    inits: 1,
    walks: ["unseal"],
  },

  lostLogin: {
    name: "Pulumi's login is gone",
    world: { shares: 3, threshold: 2 },
    prepare: async (world) => {
      await settled(world);
      world.vault.storage.roles.clear();
    },
    inits: 1,
    walks: ["admin-access"],
  },

  lostVolume: {
    name: "the volume is gone and starting over is allowed",
    world: {},
    prepare: async (world) => {
      await settled(world);
      world.kube.loseVolume("vault-0");
      world.stack.allowReinitialize = true;
    },
    inits: 2,
    walks: ["init"],
  },

  lostInit: {
    name: "the keys were lost on their way and starting over is allowed",
    world: {},
    prepare: async (world) => {
      await withWire(world, ({ path }) => (path === "/v1/sys/init" ? { kind: "cut-reply" } : null));
      world.stack.allowReinitialize = true;
    },
    inits: 2,
    walks: ["init"],
  },

  rekeyed: {
    name: "one share becomes five",
    world: {},
    prepare: async (world) => {
      await settled(world);
      world.stack.custody = { ...world.stack.custody, shares: 5, threshold: 3 };
    },
    inits: 1,
    rekeys: 1,
    walks: ["rekey"],
  },

  replacedKeys: {
    name: "all shares are replaced by as many",
    world: { shares: 3, threshold: 2 },
    prepare: async (world) => {
      await settled(world);
      world.stack.custody = { ...world.stack.custody, generation: 2 };
    },
    inits: 1,
    rekeys: 1,
    walks: ["rekey"],
  },

  unseenRekey: {
    name: "new keys are in use and nobody heard of it",
    world: { shares: 3, threshold: 2 },
    prepare: async (world) => {
      await settled(world);
      world.stack.custody = { ...world.stack.custody, generation: 2 };
      let shown = 0;
      await withWire(world, ({ path }) =>
        path.endsWith("/sys/rekey/verify") && ++shown === 2 ? { kind: "cut-reply" } : null,
      );
    },
    inits: 1,
    rekeys: 1,
    walks: ["rekey"],
  },

  unwantedRekey: {
    name: "the settings change again before new keys are in use",
    world: { shares: 3, threshold: 2 },
    prepare: async (world) => {
      await settled(world);
      world.stack.custody = { ...world.stack.custody, shares: 4, threshold: 3 };
      await withWire(world, ({ path }) => (path.endsWith("/sys/rekey/verify") ? { kind: "cut-request" } : null));
      world.stack.custody = { ...world.stack.custody, shares: 5, threshold: 3 };
    },
    inits: 1,
    rekeys: 1,
    walks: ["rekey"],
  },

  opensByItself: {
    name: "nothing exists, and a seal opens Vault by itself",
    world: { shares: 3, threshold: 2, seal: "transit" },
    prepare: () => Promise.resolve(),
    inits: 1,
    walks: ["init", "unseal", "admin-access"],
  },

  movedSeal: {
    name: "the root key is moved from shares to a seal that opens by itself",
    world: { shares: 3, threshold: 2 },
    prepare: async (world) => {
      await settled(world);
      world.changeSeal("transit");
    },
    inits: 1,
    walks: ["unseal"],
  },

  movedBack: {
    name: "the root key is moved back to shares",
    world: { shares: 3, threshold: 2, seal: "transit" },
    prepare: async (world) => {
      await settled(world);
      world.changeSeal("shamir");
    },
    inits: 1,
    walks: ["unseal"],
  },

  unsavedKeys: {
    name: "the keys could not be written and wait in the state",
    world: {},
    prepare: async (world) => {
      let initialized = false;
      await withWire(world, ({ method, path }) => {
        initialized ||= path === "/v1/sys/init";
        const forbidden = { kind: "answer", status: 403, body: { message: "forbidden by a test" } } as const;
        return initialized && method === "PUT" && path.includes("/secrets/") ? forbidden : null;
      });
    },
    inits: 1,
    walks: ["init"],
  },

  unprovenKeys: {
    name: "the keys were written by a version that proved nothing",
    world: {},
    prepare: async (world) => {
      await settled(world);
      world.kube.set("secrets", "vault-keys", (secret) => {
        delete (secret["data"] as Record<string, string>)["proof.json"];
      });
    },
    inits: 1,
    walks: ["init"],
  },
} satisfies Record<string, Scenario>;

async function settled(world: VaultWorld): Promise<void> {
  const result = await world.stack.up();
  if (result.kind !== "up") throw new Error(`a fresh world must come up, got ${JSON.stringify(result)}`);
}

/** One `up` over a wire, which is whole again afterwards. */
async function withWire(world: VaultWorld, wire: Wire): Promise<void> {
  const servers = [world.kube.server, ...world.vaults.map((vault) => vault.server)];
  for (const server of servers) server.wire = wire;
  await world.stack.up();
  for (const server of servers) server.wire = () => null;
}
