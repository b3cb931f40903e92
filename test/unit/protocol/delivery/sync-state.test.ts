import { describe, expect, test } from "vitest";
import { syncState, warnings } from "../../../../protocol/delivery/sync-state.ts";

// The statuses are those of operators 0.10.0 and 1.5.0; that 0.10.0 writes them is shown by the live tests.
const metadata = { name: "x", namespace: "app", uid: "u", generation: 3 };
const reasonsOf = (status: Record<string, unknown>, spec: Record<string, unknown> = {}) => {
  const state = syncState({ metadata, spec, status });
  return state.synced ? [] : state.reasons;
};

/** A condition that holds now. */
const now = (type: string) => ({ type, status: "True", observedGeneration: 3, message: "" });

describe("a custom resource is synced", () => {
  test.each([
    ["when its Secret was written from this generation", { lastGeneration: 3 }],
    ["when it is valid and says nothing of generations", { valid: true, error: "" }],
    ["when it is a valid certificate of this generation", { lastGeneration: 3, valid: true }],
    [
      "when its conditions hold for this generation",
      { lastGeneration: 3, conditions: [now("SecretSynced"), now("Healthy"), now("Ready")] },
    ],
    [
      "when its lease was renewed before it was edited",
      { lastGeneration: 3, conditions: [{ ...now("LeaseRenewal"), observedGeneration: 2 }, now("SecretSynced")] },
    ],
    [
      "when the operator was restarted and has no lease to renew yet",
      { lastGeneration: 3, conditions: [now("SecretSynced"), { ...now("LeaseRenewal"), status: "False" }] },
    ],
    [
      "when it restarted workloads before it was edited",
      { lastGeneration: 3, conditions: [{ ...now("RolloutRestart"), observedGeneration: 2 }, now("SecretSynced")] },
    ],
    [
      "when it was merged with a global login that it no longer refers to",
      { valid: true, conditions: [{ ...now("Available"), observedGeneration: 2 }] },
    ],
  ])("%s", (_, status) => {
    expect(syncState({ metadata, status })).toEqual({ synced: true });
  });
});

describe("a custom resource is not synced", () => {
  test("while the operator has not looked at it", () => {
    expect(syncState({ metadata })).toEqual({ synced: false, reasons: ["the operator has not reported on it yet"] });
  });

  test("while its Secret is of an earlier generation", () => {
    expect(reasonsOf({ lastGeneration: 2 })).toEqual(["the operator has last synced generation 2 of 3"]);
  });

  test("while the operator finds it invalid, in the operator's words", () => {
    expect(reasonsOf({ valid: false, error: "no such connection" })).toEqual(["no such connection"]);
    expect(reasonsOf({ valid: false })).toEqual(["the operator says that it is not valid"]);
  });

  test.each(["SecretSynced", "Healthy", "Ready"])(
    "while %s does not hold, or is about an earlier generation",
    (type) => {
      const failing = { ...now(type), status: "False", message: "permission denied" };
      expect(reasonsOf({ lastGeneration: 3, conditions: [failing] })).toEqual([
        `condition ${type} is False: permission denied`,
      ]);
      expect(reasonsOf({ lastGeneration: 3, conditions: [{ ...now(type), observedGeneration: 2 }] })).toEqual([
        `condition ${type} is about generation 2`,
      ]);
    },
  );

  test("while the global login that it refers to is missing, or was merged for an earlier generation", () => {
    const spec = { vaultAuthGlobalRef: { name: "shared" } };
    const failing = { ...now("Available"), status: "False", message: "global is missing" };
    expect(reasonsOf({ valid: true, conditions: [failing] }, spec)).toEqual([
      "condition Available is False: global is missing",
    ]);
    const merged = { ...now("Available"), observedGeneration: 2 };
    expect(reasonsOf({ valid: true, conditions: [merged] }, spec)).toEqual([
      "condition Available is about generation 2",
    ]);
  });
});

test("warnings are told newest first and each once, and what is no warning is left out", () => {
  const warning = (message: string, lastTimestamp: string) => ({
    type: "Warning",
    reason: "R",
    message,
    lastTimestamp,
  });
  expect(
    warnings([
      warning("old", "2026-01-01T00:00:00Z"),
      { type: "Normal", reason: "SecretSynced", message: "fine", lastTimestamp: "2026-01-03T00:00:00Z" },
      warning("new", "2026-01-02T00:00:00Z"),
      warning("old", "2026-01-01T00:00:01Z"),
    ]),
  ).toEqual(["R: new", "R: old"]);
});
