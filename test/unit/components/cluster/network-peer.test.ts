import { expect, test } from "vitest";
import { egressRule } from "../../../../components/cluster/network-peer.ts";

test("pods are reached by their labels in their namespace, nobody else on that port", () => {
  const selector = { app: "postgres" };
  expect(egressRule({ kind: "pods", namespace: "db", selector, port: 5432 })).toEqual({
    to: [
      {
        namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "db" } },
        podSelector: { matchLabels: selector },
      },
    ],
    ports: [{ port: 5432, protocol: "TCP" }],
  });
});

test("a host, which a policy cannot name, is reached by its port alone", () => {
  expect(egressRule({ kind: "host", port: 6432 })).toEqual({ ports: [{ port: 6432, protocol: "TCP" }] });
});
