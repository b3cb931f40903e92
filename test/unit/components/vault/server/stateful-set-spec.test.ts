import { describe, expect, test } from "vitest";
import {
  podsFingerprint,
  renderStatefulSetSpec,
  type StatefulSetSpecArgs,
} from "../../../../../components/vault/server/stateful-set-spec.ts";
import { topologyFacts, type Topology } from "../../../../../components/vault/server/topology.ts";

const argsOf = (topology: Topology, changes: Partial<StatefulSetSpecArgs> = {}): StatefulSetSpecArgs => ({
  facts: topologyFacts(topology, { name: "vault", namespace: "vault" }),
  image: "hashicorp/vault:1.21.0",
  resources: { requests: { cpu: "100m", memory: "256Mi" }, limits: { cpu: "1", memory: "512Mi" } },
  serviceAccount: "vault",
  configMap: "vault-config-12345678",
  sealing: { seal: { kind: "shamir" }, previousSeal: null },
  devTokenSecret: null,
  certificate: null,
  headlessService: "vault-internal",
  auditStorageSize: "10Gi",
  storageClass: undefined,
  ...changes,
});
const standalone: Topology = { kind: "standalone", storageSize: "10Gi" };

describe("the fingerprint of the pods", () => {
  const fingerprint = podsFingerprint(argsOf(standalone));

  test("is the same for the same arguments", () => {
    expect(podsFingerprint(argsOf(standalone))).toBe(fingerprint);
  });

  test.each([
    ["another image", argsOf(standalone, { image: "hashicorp/vault:1.21.1" })],
    ["another configuration", argsOf(standalone, { configMap: "vault-config-87654321" })],
    [
      "other resources",
      argsOf(standalone, { resources: { requests: { cpu: "1", memory: "1Gi" }, limits: { cpu: "1", memory: "1Gi" } } }),
    ],
    // Kubernetes cannot change these in place, so the StatefulSet is replaced and its pods come up sealed.
    ["another storage size", argsOf({ kind: "standalone", storageSize: "20Gi" })],
    ["another audit volume", argsOf(standalone, { auditStorageSize: "20Gi" })],
    ["another storage class", argsOf(standalone, { storageClass: "fast" })],
  ])("is another one for %s", (_, args) => {
    expect(podsFingerprint(args)).not.toBe(fingerprint);
  });
});

test("the development server claims no volumes", () => {
  expect(renderStatefulSetSpec(argsOf({ kind: "in-memory" }))).not.toHaveProperty("volumeClaimTemplates");
});
