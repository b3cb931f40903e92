import { describe, expect, it } from "vitest";
import { handedOver, hasYieldingManager } from "../../../../../../sandbox/plugins/kubernetes/object/managed-fields.ts";
import type { JsonObject } from "../../../../../../sandbox/plugins/shared/property.ts";

const own = "pulumi-kubernetes-1234abcd";
const entry = (manager: string, operation: string, fieldsV1: JsonObject = {}, more: JsonObject = {}): JsonObject => ({
  manager,
  operation,
  fieldsV1,
  ...more,
});
const managed = (...managedFields: JsonObject[]): JsonObject => ({ metadata: { managedFields } });

describe("handedOver", () => {
  it("makes the fields of the creation those of the resource's own manager", () => {
    expect(handedOver(managed(entry("pulumi-kubernetes", "Update", { "f:data": {} })), own)).toEqual([
      entry(own, "Apply", { "f:data": {} }),
    ]);
  });

  it("adds to the fields the manager has already", () => {
    const object = managed(
      entry(own, "Apply", { "f:data": { "f:a": {} } }),
      entry("kubectl-edit", "Update", { "f:data": { "f:b": {} }, "f:metadata": {} }),
    );
    expect(handedOver(object, own)).toEqual([
      entry(own, "Apply", { "f:data": { "f:a": {}, "f:b": {} }, "f:metadata": {} }),
    ]);
  });

  it.each([
    ["a controller", entry("kube-controller-manager", "Update")],
    ["another tool that applies", entry("argocd", "Apply")],
    ["a change of the status or the scale", entry("kubectl", "Update", {}, { subresource: "scale" })],
    ["its own", entry(own, "Apply")],
  ])("leaves the fields of %s", (_case, other) => {
    expect(handedOver(managed(other), own)).toBeUndefined();
    expect(hasYieldingManager(managed(other))).toBe(false);
  });
});
