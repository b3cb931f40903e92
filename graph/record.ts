/**
 * Prints the graph of a stack as JSON: runs its program against a mock engine, with a stand-in for cluster and Vault,
 * and with placeholders for secrets. It is a separate program, because Pulumi's runtime keeps the
 * settings and the resources of one program in its process.
 *
 * Usage: node graph/record.ts '<Scenario as JSON>'
 */
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { stackConfig } from "../stacks/config.ts";
import { stack } from "../stacks/index.ts";
import { parseSettings, type RawSettings } from "../stacks/settings/parse-settings.ts";
import { offlineCluster, offlineContext } from "./offline-cluster.ts";
import { offlineSettings } from "./offline-settings.ts";
import { record } from "./recorder.ts";
import type { Scenario } from "./stack-graph.ts";

const dynamicOutputs = {
  keysFingerprint: "fingerprint",
  initializedAt: "2026-01-01T00:00:00Z",
  clusterId: "the-cluster",
  serving: true,
  sealedNodes: [],
  voters: ["vault-0", "vault-1", "vault-2"],
  failureTolerance: 1,
  roleId: "a-role-id",
  secretId: "a-secret-id",
  previewRoleId: "a-preview-role-id",
  previewSecretId: "a-preview-secret-id",
  policyName: "pulumi-admin",
  generation: "a-generation",
  passwordFingerprint: "a-fingerprint",
  unrevokedLeases: [],
};

/** Self-signed, with a key that nobody has any more: the program takes its fingerprint. */
const examplePem = `-----BEGIN CERTIFICATE-----
MIIBezCCASGgAwIBAgIUd7Lziz4gN+PaTt77N6R/NrhAHtswCgYIKoZIzj0EAwIw
EjEQMA4GA1UEAwwHZXhhbXBsZTAgFw0yNjExMjcyMDQzMjBaGA8yMTI2MTEwMzIw
NDMyMFowEjEQMA4GA1UEAwwHZXhhbXBsZTBZMBMGByqGSM49AgEGCCqGSM49AwEH
A0IABBHlecQuNUBAJtoR/RXWCpyy7pOlkZZemCfUvJGyXasC7Cq8MBvoCSNxAN54
oRsxRkiJiwZVVMvaY6sLGNZs2YqjUzBRMB0GA1UdDgQWBBR/HpHyJt75Oo2zXNo/
fRiha5UjjjAfBgNVHSMEGDAWgBR/HpHyJt75Oo2zXNo/fRiha5UjjjAPBgNVHRMB
Af8EBTADAQH/MAoGCCqGSM49BAMCA0gAMEUCIQDqwzq3gNCJ1kEQcYUTyuHAuVoe
F6sVx9WrWnBXesXItQIgB+6RbmYqE3sGx/tCHvmrI7KX/uzeyF/YpdO5Cw795/Y=
-----END CERTIFICATE-----
`;

const certificateOutputs = {
  privateKeyPem: pulumi.secret("a-tls-private-key"),
  certRequestPem: "a-request",
  certPem: examplePem,
  validityEndTime: "2126-01-01T00:00:00Z",
};

const scenario = JSON.parse(process.argv[2] ?? "{}") as Scenario;
const cluster = await offlineCluster(scenario.serving ?? true);
process.env["KUBECONFIG"] = cluster.kubeconfig;
try {
  const { settings, faults } = parseSettings(withoutTunnels(offlineSettings(scenario.stack, scenario.settings)));
  if (settings === null) throw new Error(faults.join("\n"));
  const config = stackConfig(settings, offlineContext, "vaultstack/dev");
  const recording = await record(() => stack(config), {
    preview: scenario.preview ?? false,
    outputs: (type) => {
      if (type.startsWith("pulumi-nodejs:dynamic/vault:")) return dynamicOutputs;
      return type.startsWith("tls:") ? certificateOutputs : {};
    },
  });
  // The port of the stand-in differs with each run.
  const text = JSON.stringify(recording).replaceAll(cluster.url, "http://vault.test");
  process.stdout.write(text.replaceAll(cluster.secureUrl, "https://vault.test"));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
} finally {
  cluster.close();
}

/** Addresses instead of tunnels, which would need a cluster and a port on this machine. */
function withoutTunnels(raw: RawSettings): RawSettings {
  const access = z.looseObject({ kind: z.literal("tunnel") });
  const server = z.looseObject({ kind: z.literal("server"), access: access.optional() });
  const own = server.safeParse(jsonOf(raw.values["vaultstack:postgres"])).data ?? null;
  const values = {
    ...raw.values,
    "vaultstack:access": JSON.stringify({ kind: "address", url: addressOf(raw) }),
    ...(own !== null && {
      "vaultstack:postgres": JSON.stringify({
        ...own,
        access: { kind: "address", host: "postgres.test", port: 5432 },
      }),
    }),
  };
  return { ...raw, values };
}

/** A Vault with TLS accepts only an https address; nothing there serves TLS, since it has no certificate yet. */
function addressOf({ values }: RawSettings): string {
  return values["vaultstack:server"] === "raft" ? cluster.secureUrl : cluster.url;
}

/** Null for anything that is not JSON: the settings' own rules report what is wrong with it. */
function jsonOf(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? "null");
  } catch {
    return null;
  }
}
