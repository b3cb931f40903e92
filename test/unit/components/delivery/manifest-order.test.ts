import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { deploymentsAfterRights, ownedBy } from "../../../../components/delivery/manifest-order.ts";

// Proves what the manifests say. That objects are made in this order is seen in the live suite of the operator.

const annotation = "config.kubernetes.io/depends-on";

const chart = `---
# Source: operator/templates/deployment.yaml
apiVersion: v1
kind: ServiceAccount
metadata:
  name: manager
  namespace: operators
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: manager
  namespace: operators
  annotations:
    note: kept
spec:
  template:
    metadata:
      annotations: {}
---
# an empty part of the chart
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: settings
  namespace: operators
data:
  text: |
    kind: Deployment
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata:
  name: manager
`;

interface Made {
  readonly kind: string;
  readonly metadata: { readonly annotations?: Record<string, string> };
}

function objectsOf(manifests: string): Made[] {
  return parseAllDocuments(manifests).map((document) => document.toJS() as Made);
}

test("a Deployment comes after each account and each right, named as the annotation names them", () => {
  const deployment = objectsOf(deploymentsAfterRights(chart)).find(({ kind }) => kind === "Deployment");
  expect(deployment?.metadata.annotations).toEqual({
    note: "kept",
    [annotation]: "/namespaces/operators/ServiceAccount/manager,rbac.authorization.k8s.io/ClusterRoleBinding/manager",
  });
});

test("everything else stays as it was rendered, apart from parts without an object", () => {
  const rest = (manifests: string): Made[] =>
    objectsOf(manifests).filter((object) => (object as Made | null) !== null && object.kind !== "Deployment");
  expect(rest(deploymentsAfterRights(chart))).toEqual(rest(chart));
});

test("a chart without rights is not ordered", () => {
  const alone = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: alone\n";
  expect(deploymentsAfterRights(alone)).not.toContain(annotation);
});

test("every object says under which name its fields are owned, and keeps what it said before", () => {
  const owned = objectsOf(ownedBy(chart, "vaultstack-dev"));
  expect(owned.map(({ metadata }) => metadata.annotations)).toEqual([
    { "pulumi.com/patchFieldManager": "vaultstack-dev" },
    { note: "kept", "pulumi.com/patchFieldManager": "vaultstack-dev" },
    { "pulumi.com/patchFieldManager": "vaultstack-dev" },
    { "pulumi.com/patchFieldManager": "vaultstack-dev" },
  ]);
});

test("the post-renderer does both from standard input to standard output", () => {
  const script = join("components", "delivery", "order-manifests.ts");
  const printed = execFileSync("node", [script, "vaultstack-dev"], { input: chart, encoding: "utf8" });
  expect(printed).toBe(ownedBy(deploymentsAfterRights(chart), "vaultstack-dev"));
});
