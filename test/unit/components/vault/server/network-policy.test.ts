import { expect, test } from "vitest";
import { networkPolicySpec } from "../../../../../components/vault/server/network-policy.ts";
import { topologyFacts } from "../../../../../components/vault/server/topology.ts";

const facts = topologyFacts({ kind: "raft", nodes: 3, storageSize: "10Gi" }, { name: "vault", namespace: "secrets" });

test("lets anybody ask for the API, and only servers speak the cluster's own protocol", () => {
  const { ingress } = networkPolicySpec(facts) as { ingress: { from?: unknown; ports: { port: number }[] }[] };
  const open = ingress.filter(({ from }) => from === undefined).flatMap(({ ports }) => ports.map(({ port }) => port));
  expect(open).toEqual([8200]);
  expect(JSON.stringify(ingress.find(({ from }) => from !== undefined))).toContain('"port":8201');
});

test("is about the servers, in both directions", () => {
  expect(networkPolicySpec(facts)).toMatchObject({
    podSelector: { matchLabels: facts.selector },
    policyTypes: ["Ingress", "Egress"],
  });
});
