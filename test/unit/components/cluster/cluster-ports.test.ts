/**
 * Which ports are found in clusters as their makers build them. Does not prove that a network plugin judges as the
 * policy means.
 */
import { expect, test } from "vitest";
import { findClusterPorts } from "../../../../components/cluster/cluster-ports.ts";
import type { Endpoints, Service } from "../../../../kube/kube-objects.ts";
import { networkPolicySpec } from "../../../../components/vault/server/network-policy.ts";
import { topologyFacts } from "../../../../components/vault/server/topology.ts";

const facts = topologyFacts({ kind: "raft", nodes: 3, storageSize: "10Gi" }, { name: "vault", namespace: "vault" });

interface Found {
  readonly services?: Readonly<Record<string, Service["spec"]>>;
  readonly endpoints?: Readonly<Record<string, Endpoints["subsets"]>>;
}

async function policyOf({ services = {}, endpoints = {} }: Found): Promise<string> {
  const at = (namespace: string, name: string): string => `${namespace}/${name}`;
  const ports = await findClusterPorts({
    readService: (namespace, name) =>
      Promise.resolve({ metadata: { namespace, name }, spec: services[at(namespace, name)] } as Service),
    readEndpoints: (namespace, name) =>
      Promise.resolve({ metadata: { namespace, name }, subsets: endpoints[at(namespace, name)] } as Endpoints),
  });
  return JSON.stringify(networkPolicySpec(facts, ports).egress);
}

test("DNS of OpenShift is reached on 5353 behind its Service (C1)", () => {
  const egress = JSON.stringify(networkPolicySpec(facts).egress);
  expect(egress).toContain('{"port":5353,"protocol":"UDP"}');
  expect(egress).toContain('{"port":5353,"protocol":"TCP"}');
});

test("DNS is reached on whatever port is behind its Service (C1)", async () => {
  const endpoints = { "kube-system/kube-dns": [{ ports: [{ name: "dns", port: 10_053 }] }] } as Found["endpoints"];
  expect(await policyOf({ endpoints: endpoints ?? {} })).toContain('{"port":10053,"protocol":"UDP"}');
});

test.each([8443, 16443, 6444])("an API server on %i is reached (C2)", async (port) => {
  const endpoints = { "default/kubernetes": [{ ports: [{ name: "https", port }] }] } as Found["endpoints"];
  expect(await policyOf({ endpoints: endpoints ?? {} })).toContain(`{"port":${port},"protocol":"TCP"}`);
});
