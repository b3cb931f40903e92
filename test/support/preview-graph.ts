/**
 * Prints what a small program asks for in a preview or an `up`, as JSON. A program of its own, because dynamic
 * resources serialise their provider, which works in plain Node only.
 *
 * Usage: node test/support/preview-graph.ts '<PreviewScenario as JSON>'
 */
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { createCustomResource, existingOperator } from "../../components/delivery/custom-resources/custom-resource.ts";
import type { KeyCustody } from "../../components/vault/bootstrap/key-custody.ts";
import { ProtocolResource } from "../../components/shared/protocol-resource.ts";
import { VaultBootstrap } from "../../components/vault/bootstrap/vault-bootstrap.ts";
import { VaultServer } from "../../components/vault/server/vault-server.ts";
import { vaultTarget } from "../../components/vault/server/vault-target.ts";
import { record } from "../../graph/recorder.ts";
import type { PreviewScenario } from "./graph-of-preview.ts";

const scenario = JSON.parse(process.argv[2] ?? "{}") as PreviewScenario;

class Probe extends ProtocolResource {
  public constructor(name: string, inputs: Readonly<Record<string, unknown>>) {
    super(name, { type: "vault:Quorum", inputs, outputs: ["made"] });
  }
}

function probe(): void {
  new Probe("probe", {
    absent: pulumi.output<string | undefined>(undefined),
    late: Promise.resolve(undefined),
    inside: pulumi.output({ there: 1, absent: undefined, list: [undefined, 2] }),
    around: { computed: pulumi.output<string | undefined>(undefined), there: 1 },
    nothing: pulumi.output<string | null>(null),
    given: 1,
  });
}

function customResource(): void {
  const provider = new k8s.Provider("cluster", {});
  const spec = { method: "kubernetes", mount: "kubernetes" } as never;
  const args = { operator: existingOperator("c"), kind: "VaultAuth", name: "auth", namespace: "shop", spec } as const;
  const { name } = createCustomResource("auth", args, { provider });
  new k8s.core.v1.ConfigMap("reader", { metadata: { namespace: "shop" }, data: { name } }, { provider });
}

function bootstrap(): void {
  const provider = new k8s.Provider("cluster", {});
  const { image, reach, comparesWithoutVault = true } = scenario;
  const topology = { kind: "standalone", storageSize: "1Gi" } as const;
  const target = vaultTarget(topology, { name: "vault", namespace: "vault", kubeContext: "c" });
  const server = new VaultServer(
    "vault",
    { topology, namespace: "vault", ...(image !== undefined && { image }) },
    { provider },
  );
  const custody: KeyCustody = {
    secretShares: 1,
    secretThreshold: 1,
    holders: { kind: "pulumi" },
    keysGeneration: 1,
    escrowPublicKey: "key",
    escrowPrivateKey: pulumi.secret("private"),
    escrowPreviousPrivateKey: undefined,
    encodedRootToken: undefined,
    allowReinitialize: false,
    adoptExisting: false,
  };
  const opened = { address: "http://127.0.0.1:1", serverName: null, serving: null, obstacle: "it is sealed", ...reach };
  new VaultBootstrap("bootstrap", { server, target, reach: opened, custody, comparesWithoutVault });
}

const programs = { probe, customResource, bootstrap };
const recording = await record(programs[scenario.program], {
  preview: scenario.preview,
  outputs: (type) => (type.startsWith("pulumi-nodejs:dynamic/") ? (scenario.outputs ?? {}) : {}),
});
process.stdout.write(JSON.stringify(recording));
