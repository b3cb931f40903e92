/** Which real kills a part of the kill walk makes. Does not prove that they heal. */
import { expect, test } from "vitest";
import { scenarios } from "../../faults/scenarios.ts";
import { makeEscrow } from "../../support/escrow-key.ts";
import { momentsOf } from "../../support/fault-walk.ts";
import { allKills, killPart, killsOfPart } from "../../support/kill-plan.ts";

const parts = ["1/3", "2/3", "3/3"].map((KILL_WALK) => killPart({ KILL_WALK }));

test("the parts together kill everybody at every moment, and none of them twice", async () => {
  const moments = await momentsOf(scenarios.replacedKeys, await makeEscrow());
  expect(moments.length).toBeGreaterThan(5);
  const together = parts.flatMap((part) => killsOfPart(moments, part));
  expect(together).toHaveLength(allKills(moments).length);
  expect(together).toEqual(expect.arrayContaining(allKills(moments)));
});

test("each part kills at every moment, by every kind as often as by the others", async () => {
  const moments = await momentsOf(scenarios.lostLogin, await makeEscrow());
  for (const part of parts) {
    const kills = killsOfPart(moments, part);
    expect(kills.map(({ event }) => event)).toEqual(moments);
    const counts = ["provider", "engine", "both"].map((kind) => kills.filter(({ whom }) => whom === kind).length);
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
  }
});

test("without a wish the first part is run", () => {
  expect(killPart({})).toEqual({ number: 1, of: 3 });
});

test.each(["", "0/3", "4/3", "1/2", "all", "1"])("%j names no part and is refused", (wanted) => {
  expect(() => killPart({ KILL_WALK: wanted })).toThrow("KILL_WALK: must be 1/3, 2/3 or 3/3, got ");
});
