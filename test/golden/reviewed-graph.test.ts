import { expect, test } from "vitest";
import { differences, graphDifference } from "./reviewed-graph.ts";

test("places that differ are named with both values, those that are alike are not", () => {
  const before = { kind: "Pod", spec: { replicas: 1, ports: [{ port: 1 }] } };
  const now = { kind: "Pod", spec: { replicas: 3, ports: [{ port: 2 }] } };
  expect(differences(before, now)).toEqual([
    { at: "spec.replicas", before: 1, now: 3 },
    { at: "spec.ports.0.port", before: 1, now: 2 },
  ]);
});

test("a value on one side alone is shown on that side alone", () => {
  expect(differences({ a: 1 }, { b: 2 })).toEqual([
    { at: "a", before: 1 },
    { at: "b", now: 2 },
  ]);
});

test("lists of another length and values of another kind are shown whole", () => {
  expect(differences({ a: [1], b: [1] }, { a: [1, 2], b: { 0: 1 } })).toEqual([
    { at: "a", before: [1], now: [1, 2] },
    { at: "b", before: [1], now: { 0: 1 } },
  ]);
});

test("resources are told apart into gone, changed and added", () => {
  const first = { outputs: {}, resources: { "t one": { inputs: { a: 1 } }, "t two": { inputs: {} } } };
  const other = { outputs: {}, resources: { "t one": { inputs: { a: 2 } }, "t three": { custom: true } } };
  expect(graphDifference(first, other)).toEqual({
    outputs: [],
    gone: ["t two"],
    changed: { "t one": [{ at: "inputs.a", before: 1, now: 2 }] },
    added: { "t three": { custom: true } },
  });
});
