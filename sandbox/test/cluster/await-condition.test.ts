import { expect, test } from "vitest";
import { awaitCondition } from "../../cluster/await-condition.ts";

test("a condition that holds is not waited for", async () => {
  let asked = 0;
  const probe = () => {
    asked += 1;
    return Promise.resolve(undefined);
  };
  await awaitCondition("it", probe, 0);
  expect(asked).toBe(1);
});

test("a condition that comes true ends the wait", async () => {
  const reasons = ["not yet", "almost", undefined];
  await awaitCondition("it", () => Promise.resolve(reasons.shift()), 10_000);
  expect(reasons).toEqual([]);
});

test("the error names what was awaited and the last reason", async () => {
  const wait = awaitCondition("the node", () => Promise.resolve("no network"), 0);
  await expect(wait).rejects.toThrow("the node: not ready within 0s: no network");
});

test("an error of the probe ends the wait at once", async () => {
  await expect(awaitCondition("it", () => Promise.reject(new Error("it has ended")), 60_000)).rejects.toThrow(
    "it has ended",
  );
});
