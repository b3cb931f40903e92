import { giveShares, keysOf } from "../support/key-copies.ts";
import { scenarios } from "./scenarios.ts";
import { walkWithThirdParties } from "./third-party-walk.ts";

await walkWithThirdParties({
  ...scenarios.rekeyed,
  name: "custody moves to two people, of whom one has shown a share",
  prepare: async (world) => {
    await world.stack.up();
  },
  involve: async (world, people) => {
    const holders = people.map(({ publicKey }) => publicKey);
    world.stack.custody = { ...world.stack.custody, shares: 2, threshold: 2, holders };
    await world.stack.up();
    await giveShares(world, people.slice(0, 1), keysOf(world).pending?.shares ?? []);
  },
  awaits: "missing-shares",
});
