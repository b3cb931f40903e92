import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import { hasMadeUpManager, withFieldManager } from "../../../../components/cluster/field-manager.ts";

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

test.each([
  ["is not there", null, false],
  ["tells no managers", [], false],
  ["was made by the plugin's own name for it", ["kubelet", "pulumi-kubernetes-63f3c304"], true],
  ["was adopted under the stack's name since", ["pulumi-kubernetes-63f3c304", "vaultstack-dev"], false],
  ["somebody made by hand", ["kubectl", "pulumi-kubernetes"], false],
])("an object that %s: whether its owner's name is made up", (_case, managers, expected) => {
  const managedFields = (managers ?? []).map((manager) => ({ manager }));
  const object = managers === null ? null : { metadata: { name: "vault", managedFields } };
  expect(hasMadeUpManager(object, "vaultstack-dev")).toBe(expected);
});
