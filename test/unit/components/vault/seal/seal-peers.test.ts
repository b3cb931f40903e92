/** Whom the servers may ask for the login of a seal. Does not prove that a cloud answers there. */
import { expect, test } from "vitest";
import { egressRule } from "../../../../../components/cluster/network-peer.ts";
import { sealPeers } from "../../../../../components/vault/seal/seal-peers.ts";

test("workload identity of Google asks the metadata server, which the servers may reach (C3)", () => {
  const credentials = { kind: "workloadIdentity", serviceAccount: "vault@acme.iam.gserviceaccount.com" } as const;
  const place = { project: "acme", region: "global", keyRing: "vault", cryptoKey: "unseal" };
  const rules = sealPeers({ kind: "gcpckms", ...place, credentials }).map(egressRule);
  const ports = [80, 988, 8080].map((port) => ({ port, protocol: "TCP" }));
  expect(rules).toContainEqual({ to: [{ ipBlock: { cidr: "169.254.169.254/32" } }], ports });
});
