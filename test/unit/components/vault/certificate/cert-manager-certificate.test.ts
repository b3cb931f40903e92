/** What cert-manager is asked for. That it issues it was not tried against cert-manager itself. */
import { expect, test } from "vitest";
import { certificateObject } from "../../../../../components/vault/certificate/cert-manager-certificate.ts";
import { topologyFacts } from "../../../../../components/vault/server/topology.ts";

const topology = { kind: "raft", nodes: 3, storageSize: "1Gi", hosts: ["vault.example.com"] } as const;
const facts = topologyFacts(topology, { name: "vault", namespace: "secrets" });

const object = certificateObject("vault-tls", {
  facts,
  namespace: "secrets",
  source: {
    kind: "cert-manager",
    issuerRef: { kind: "ClusterIssuer", name: "corporate" },
    duration: "90d",
    renewBefore: "30d",
    authority: { kind: "secret" },
  },
});

test("cert-manager is asked for every name of the topology, in the Secret that the pods mount", () => {
  expect(object).toMatchObject({
    apiVersion: "cert-manager.io/v1",
    kind: "Certificate",
    metadata: { name: "vault-tls", namespace: "secrets" },
    spec: {
      secretName: "vault-tls",
      dnsNames: facts.certificateNames.dnsNames,
      ipAddresses: facts.certificateNames.ipAddresses,
      issuerRef: { group: "cert-manager.io", kind: "ClusterIssuer", name: "corporate" },
    },
  });
});

test("it renews with another key, in time, in durations that it knows", () => {
  expect(object).toMatchObject({
    spec: {
      duration: "2160h0m0s",
      renewBefore: "720h0m0s",
      privateKey: { algorithm: "ECDSA", size: 256, rotationPolicy: "Always" },
    },
  });
});

test("up waits until it is there", () => {
  expect(object).toMatchObject({ metadata: { annotations: { "pulumi.com/waitFor": "condition=Ready" } } });
});

test.each([
  ["a".repeat(54), `vault.${"a".repeat(54)}.svc`],
  ["a".repeat(55), undefined],
  ["a".repeat(63), undefined],
])("a certificate of the namespace %s has a common name only where 64 characters hold it", (namespace, commonName) => {
  const long = certificateObject("vault-tls", {
    facts: topologyFacts(topology, { name: "vault", namespace }),
    namespace,
    source: {
      kind: "cert-manager",
      issuerRef: { kind: "ClusterIssuer", name: "corporate" },
      duration: "90d",
      renewBefore: "30d",
      authority: { kind: "secret" },
    },
  });
  expect((long as unknown as { spec: { commonName?: string } }).spec.commonName).toBe(commonName);
});
