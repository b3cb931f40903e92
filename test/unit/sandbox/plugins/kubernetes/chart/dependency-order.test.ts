import { describe, expect, it } from "vitest";
import { dependencyOrder } from "../../../../../../sandbox/plugins/kubernetes/chart/dependency-order.ts";
import type { JsonObject } from "../../../../../../sandbox/plugins/shared/property.ts";

const object = (
  apiVersion: string,
  kind: string,
  name: string,
  namespace?: string,
  dependsOn?: string,
): JsonObject => ({
  apiVersion,
  kind,
  metadata: {
    name,
    ...(namespace !== undefined && { namespace }),
    ...(dependsOn !== undefined && { annotations: { "config.kubernetes.io/depends-on": dependsOn } }),
  },
});
const definition: JsonObject = {
  ...object("apiextensions.k8s.io/v1", "CustomResourceDefinition", "boxes.shelf.test"),
  spec: { group: "shelf.test", names: { kind: "Box" } },
};
const summary = (objects: readonly JsonObject[]) =>
  dependencyOrder(objects).map(({ object: { kind }, dependencies }) => [
    kind,
    dependencies.map((other) => other["kind"]),
  ]);

describe("objects of a chart are declared", () => {
  it("after their namespace and their definition, whatever the order in the chart", () => {
    const box = object("shelf.test/v1", "Box", "box", "shop");
    expect(summary([box, definition, object("v1", "Namespace", "shop")])).toEqual([
      ["CustomResourceDefinition", []],
      ["Namespace", []],
      ["Box", ["CustomResourceDefinition", "Namespace"]],
    ]);
  });

  it("after what their annotation names", () => {
    const job = object("batch/v1", "Job", "job", "shop", "apps/namespaces/shop/Deployment/web, /Secret/s");
    const deployment = object("apps/v1", "Deployment", "web", "shop");
    expect(summary([job, deployment, object("v1", "Secret", "s")])).toEqual([
      ["Deployment", []],
      ["Secret", []],
      ["Job", ["Deployment", "Secret"]],
    ]);
  });

  it("not at all when a dependency is missing, circular or of a kind that is not covered", () => {
    const a = object("v1", "ConfigMap", "a", "shop", "/namespaces/shop/ConfigMap/b");
    const b = object("v1", "ConfigMap", "b", "shop", "/namespaces/shop/ConfigMap/a");
    expect(() => dependencyOrder([a])).toThrow("must depend on objects of the chart");
    expect(() => dependencyOrder([a, b])).toThrow("must not depend on itself");
    const mutated = { ...a, metadata: { name: "a", annotations: { "config.kubernetes.io/apply-time-mutation": "x" } } };
    expect(() => dependencyOrder([mutated])).toThrow("does not cover");
  });
});
