import { describe, expect, test } from "vitest";
import { topologyFacts } from "../../../../components/vault/topology.ts";
import { vaultTarget } from "../../../../components/vault/vault-target.ts";

const place = { name: "vault", namespace: "secrets" };

describe("a standalone Vault", () => {
  const facts = topologyFacts({ kind: "standalone", storageSize: "10Gi" }, place);

  test("is one sealable pod with a volume", () => {
    expect(facts).toMatchObject({ replicas: 1, pods: ["vault-0"], sealable: true, storageSize: "10Gi" });
  });

  test("derives its DNS names from name and namespace", () => {
    expect(facts.podHosts).toEqual(["vault-0.vault-internal.secrets.svc"]);
    expect(facts.serviceHost).toBe("vault.secrets.svc");
  });

  test("carries the name vault in its labels whatever it is called", () => {
    const other = topologyFacts({ kind: "standalone", storageSize: "10Gi" }, { name: "red", namespace: "n" });
    expect(other.labels).toMatchObject({ "app.kubernetes.io/name": "vault", "app.kubernetes.io/instance": "red" });
  });

  test("rolls a changed template out by itself, because one pod has nobody to be out of step with", () => {
    expect(facts.updateStrategy).toBe("RollingUpdate");
  });
});

test("the development server has neither a seal nor a volume", () => {
  expect(topologyFacts({ kind: "dev" }, place)).toMatchObject({ replicas: 1, sealable: false, storageSize: null });
});

test("a target names the pods of the topology, in a named context", () => {
  const target = vaultTarget({ kind: "standalone", storageSize: "10Gi" }, { ...place, kubeContext: "c" });
  expect(target).toEqual({
    kubeContext: "c",
    namespace: "secrets",
    statefulSet: "vault",
    pods: ["vault-0"],
    port: 8200,
    tls: null,
  });
});
