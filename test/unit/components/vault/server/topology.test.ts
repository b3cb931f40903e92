import { describe, expect, test } from "vitest";
import { topologyFacts, topologyFaults } from "../../../../../components/vault/server/topology.ts";
import { vaultTarget } from "../../../../../components/vault/server/vault-target.ts";

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
  expect(topologyFacts({ kind: "in-memory" }, place)).toMatchObject({
    replicas: 1,
    sealable: false,
    storageSize: null,
  });
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

describe("a cluster", () => {
  const cluster = { kind: "raft", nodes: 3, storageSize: "10Gi", hosts: ["vault.example.com"] } as const;
  const facts = topologyFacts(cluster, place);

  test("has as many pods as servers, over TLS, each replaced by whoever unseals it", () => {
    expect(facts).toMatchObject({
      pods: ["vault-0", "vault-1", "vault-2"],
      scheme: "https",
      updateStrategy: "OnDelete",
    });
  });

  test("keeps its servers apart unless told otherwise", () => {
    expect(facts.spread).toBe("required");
    expect(topologyFacts({ ...cluster, spread: "preferred" }, place).spread).toBe("preferred");
  });

  test("has a certificate for its Services, every pod there may be, the tunnel and the hosts outside", () => {
    const { dnsNames, ipAddresses } = facts.certificateNames;
    expect(dnsNames).toEqual(
      expect.arrayContaining([
        facts.serviceHost,
        "vault-active.secrets.svc",
        "*.vault-internal.secrets.svc",
        "vault.example.com",
        "localhost",
      ]),
    );
    expect(ipAddresses).toContain("127.0.0.1");
  });

  test("needs no other certificate for another number of servers", () => {
    expect(topologyFacts({ ...cluster, nodes: 5 }, place).certificateNames).toEqual(facts.certificateNames);
  });

  test("of a size, speed or host that its type cannot rule out is a list of faults", () => {
    const wrong = { ...cluster, nodes: 4 as 3, performanceMultiplier: 11, hosts: ["vault"] };
    expect(topologyFaults(wrong).map((text) => text.split(":")[0])).toEqual([
      "topology.hosts",
      "topology.nodes",
      "topology.performanceMultiplier",
    ]);
    expect(topologyFaults(cluster)).toEqual([]);
  });

  test("is verified against the name of its Service, once its authorities are known", () => {
    const target = vaultTarget(cluster, { ...place, kubeContext: "c" });
    expect(target.tls).toEqual({ serverName: "vault.secrets.svc", authoritySecret: "vault-tls" });
  });
});
