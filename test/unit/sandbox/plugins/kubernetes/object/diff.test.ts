import { describe, expect, it } from "vitest";
import { diffObject } from "../../../../../../sandbox/plugins/kubernetes/object/diff.ts";
import { unknown, type DraftObject } from "../../../../../../sandbox/plugins/shared/property.ts";

// Proves which changes are seen and which replace, against the table of the official provider. Does not prove that the
// API server accepts an update in place.

const immutable = { enableConfigMapMutable: false, enableSecretMutable: false };
const mutable = { enableConfigMapMutable: true, enableSecretMutable: true };

function diff(
  token: string,
  olds: DraftObject,
  news: DraftObject,
  settings = immutable,
): ReturnType<typeof diffObject> {
  const [apiVersion = "", kind = ""] = token.split(" ");
  const named = (inputs: DraftObject): DraftObject => ({ metadata: { name: "a", namespace: "n" }, ...inputs });
  return diffObject({ apiVersion, kind }, settings, { oldInputs: named(olds), news: named(news) });
}

function paths(result: ReturnType<typeof diffObject>): string[] {
  return result.changes.map(({ path, kind, replace }) => `${kind} ${path}${replace ? " replace" : ""}`);
}

describe("changes", () => {
  it("are none for the same inputs", () => {
    const inputs = { spec: { replicas: 1, template: { spec: { containers: [{ name: "a" }] } } } };
    expect(diff("apps/v1 Deployment", inputs, structuredClone(inputs)).changes).toEqual([]);
  });

  it("take absent, null and what only the server sets for the same", () => {
    const olds = { metadata: { name: "a", namespace: "n", resourceVersion: "1" }, spec: { a: null } };
    expect(diff("v1 Service", olds, { metadata: { name: "a", namespace: "n" }, spec: {} }).changes).toEqual([]);
  });

  it("are told by path, down to elements of lists", () => {
    const olds = { spec: { containers: [{ name: "a", image: "x:1" }, { name: "b" }], old: 1 } };
    const news = { spec: { containers: [{ name: "a", image: "x:2" }], "with.dot": 1 } };
    expect(paths(diff("example.com/v1 Thing", olds, news))).toEqual([
      "update spec.containers[0].image",
      "delete spec.containers[1]",
      "delete spec.old",
      'add spec["with.dot"]',
    ]);
  });

  it("include a field that gets an empty value for the first time", () => {
    expect(paths(diff("v1 ServiceAccount", {}, { automountServiceAccountToken: false }))).toEqual([
      "add automountServiceAccountToken",
    ]);
  });

  it("include everything unknown", () => {
    expect(paths(diff("apps/v1 Deployment", { spec: { replicas: 1 } }, { spec: { replicas: unknown } }))).toEqual([
      "update spec.replicas",
    ]);
    expect(paths(diff("v1 Service", { spec: { clusterIP: "None" } }, { spec: unknown }))).toEqual([
      "update spec replace",
    ]);
  });
});

describe("replacement", () => {
  it.each([
    [
      "apps/v1 StatefulSet",
      ["serviceName", "podManagementPolicy", "volumeClaimTemplates", "revisionHistoryLimit", "selector"],
      ["replicas", "template", "updateStrategy", "persistentVolumeClaimRetentionPolicy", "minReadySeconds"],
    ],
    ["apps/v1 Deployment", ["selector"], ["replicas", "template", "strategy"]],
    ["apps/v1 DaemonSet", ["selector"], ["template"]],
    ["batch/v1 Job", ["template", "completions", "parallelism", "selector"], ["activeDeadlineSeconds", "suspend"]],
    ["v1 Service", ["clusterIP"], ["ports", "selector", "type"]],
    ["v1 PersistentVolumeClaim", ["accessModes", "storageClassName", "volumeName", "selector"], ["resources"]],
    ["v1 PersistentVolume", ["hostPath", "csi"], ["capacity"]],
    ["v1 Pod", ["nodeName", "volumes", "serviceAccountName"], ["activeDeadlineSeconds"]],
    ["example.com/v1 Thing", [], ["anything"]],
  ])("of a %s follows the fields of its spec", (token, replacing, updating) => {
    const changed = (field: string): string[] =>
      paths(diff(token, { spec: { [field]: "a" } }, { spec: { [field]: "b" } }));
    expect(replacing.flatMap(changed)).toEqual(replacing.map((field) => `update spec.${field} replace`));
    expect(updating.flatMap(changed)).toEqual(updating.map((field) => `update spec.${field}`));
  });

  it("covers what lies below a replacing field, and around it", () => {
    const below = diff(
      "apps/v1 Deployment",
      { spec: { selector: { matchLabels: { a: "1" } } } },
      { spec: { selector: { matchLabels: { a: "2" } } } },
    );
    expect(paths(below)).toEqual(["update spec.selector.matchLabels.a replace"]);
    expect(
      paths(diff("v1 Pod", { spec: { containers: [{ image: "a" }] } }, { spec: { containers: [{ image: "b" }] } })),
    ).toEqual(["update spec.containers[0].image replace"]);
    expect(paths(diff("v1 Service", { spec: { clusterIP: "None" } }, {}))).toEqual(["delete spec replace"]);
  });

  it.each([
    ["rbac.authorization.k8s.io/v1 RoleBinding", "roleRef"],
    ["rbac.authorization.k8s.io/v1 ClusterRoleBinding", "roleRef"],
    ["storage.k8s.io/v1 StorageClass", "provisioner"],
    ["v1 Secret", "type"],
  ])("of a %s follows its %s", (token, field) => {
    expect(paths(diff(token, { [field]: "a" }, { [field]: "b" }))).toEqual([`update ${field} replace`]);
  });

  it.each([
    ["v1 ConfigMap", "data"],
    ["v1 ConfigMap", "binaryData"],
    ["v1 Secret", "data"],
    ["v1 Secret", "stringData"],
  ])("of a %s follows its %s, unless the provider may change it in place", (token, field) => {
    const [olds, news] = [{ [field]: { k: "a" } }, { [field]: { k: "b" } }];
    expect(paths(diff(token, olds, news))).toEqual([`update ${field}.k replace`]);
    expect(paths(diff(token, olds, news, mutable))).toEqual([`update ${field}.k`]);
    expect(paths(diff(token, olds, { ...news, immutable: true }, mutable))).toContain(`update ${field}.k replace`);
  });

  it("leaves labels of a ConfigMap to an update", () => {
    const labelled = { metadata: { name: "a", namespace: "n", labels: { a: "b" } } };
    expect(paths(diff("v1 ConfigMap", {}, labelled))).toEqual(["add metadata.labels"]);
  });
});

describe("deleteBeforeReplace", () => {
  const at = (name: string, namespace: string, annotations: DraftObject = {}): DraftObject => ({
    metadata: { name, namespace, annotations },
  });

  it("is needed while name and namespace stay", () => {
    expect(diff("v1 ConfigMap", { data: { k: "a" } }, { data: { k: "b" } }).deleteBeforeReplace).toBe(true);
  });

  it.each([
    ["the name changes", at("b", "n")],
    ["the namespace changes", at("a", "m")],
    ["the name is generated", at("a", "n", { "pulumi.com/autonamed": "true" })],
    ["the name is not known yet", { metadata: { name: unknown, namespace: "n" } }],
  ])("is not needed when %s", (_case, news) => {
    expect(diff("v1 ConfigMap", {}, news).deleteBeforeReplace).toBe(false);
  });
});
