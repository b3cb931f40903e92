import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import { withFieldManager } from "../../../../components/cluster/field-manager.ts";

// Proves what is declared. That a stack whose state was lost goes on owning its objects is proved in test/live/long.

const named = { "pulumi.com/patchFieldManager": "vaultstack-dev" };

test.each([
  ["no metadata", undefined, { annotations: named }],
  ["metadata without annotations", { name: "a" }, { name: "a", annotations: named }],
  ["annotations", { annotations: { note: "b" } }, { annotations: { note: "b", ...named } }],
])("%s: the name is added, and nothing else changes", (_case, metadata, expected) => {
  expect(withFieldManager(metadata, "vaultstack-dev")).toEqual(expected);
});

test.each([
  ["an output", pulumi.output({ note: "b" })],
  ["a promise", Promise.resolve({ note: "b" })],
])("annotations that are %s keep what they say", async (_case, annotations) => {
  const { promise, resolve } = Promise.withResolvers<unknown>();
  pulumi.output(withFieldManager({ annotations }, "vaultstack-dev").annotations).apply(resolve);
  expect(await promise).toEqual({ note: "b", ...named });
});
