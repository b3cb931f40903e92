import { describe, expect, it } from "vitest";
import { groupOf, kindFaults, parseTypeToken } from "../../../../../../sandbox/plugins/kubernetes/object/type-token.ts";

describe("parseTypeToken", () => {
  it.each([
    ["kubernetes:core/v1:ConfigMap", "v1", "ConfigMap"],
    ["kubernetes:apps/v1:StatefulSet", "apps/v1", "StatefulSet"],
    [
      "kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding",
      "rbac.authorization.k8s.io/v1",
      "ClusterRoleBinding",
    ],
    ["kubernetes:secrets.hashicorp.com/v1beta1:VaultAuth", "secrets.hashicorp.com/v1beta1", "VaultAuth"],
    [
      "kubernetes:gateway.envoyproxy.io/v1alpha1:EnvoyExtensionPatch",
      "gateway.envoyproxy.io/v1alpha1",
      "EnvoyExtensionPatch",
    ],
  ])("reads %s", (token, apiVersion, kind) => {
    expect(parseTypeToken(token)).toEqual({ apiVersion, kind });
  });

  it.each([
    ["another package", "vault:index/mount:Mount"],
    ["a chart", "kubernetes:helm.sh/v4:Chart"],
    ["a release", "kubernetes:helm.sh/v3:Release"],
    ["a group of manifests", "kubernetes:yaml/v2:ConfigGroup"],
    ["a kustomization", "kubernetes:kustomize/v2:Directory"],
    ["a patch of somebody else's object", "kubernetes:apps/v1:DeploymentPatch"],
    ["a list", "kubernetes:core/v1:SecretList"],
    ["text", "kubernetes"],
  ])("does not take %s for an object", (_case, token) => {
    expect(parseTypeToken(token)).toBeUndefined();
  });
});

describe("kindFaults", () => {
  const expected = { apiVersion: "apps/v1", kind: "Deployment" };

  it("accepts what the token says", () => {
    expect(kindFaults(expected, "apps/v1", "Deployment")).toEqual([]);
  });

  it("names each field that says something else", () => {
    expect(kindFaults(expected, "v1", "Pod").map(({ path }) => path)).toEqual(["apiVersion", "kind"]);
  });
});

describe("groupOf", () => {
  it("is empty for the core group", () => {
    expect([groupOf("v1"), groupOf("apps/v1")]).toEqual(["", "apps"]);
  });
});
