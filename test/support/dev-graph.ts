/**
 * Prints the graph of the dev stack as JSON. A program of its own, because dynamic resources serialise their provider, which
 * works in plain Node only.
 *
 * Usage: node test/support/dev-graph.ts '<Scenario as JSON>'
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { stackConfig } from "../../stacks/config.ts";
import { parseSettings } from "../../stacks/settings-faults.ts";
import { stacks } from "../../stacks/index.ts";
import { exampleSettings } from "./example-settings.ts";
import type { Scenario } from "./graph-of-dev.ts";
import { record } from "./recorder.ts";

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
  policyName: "pulumi-admin",
  generation: "a-generation",
  passwordFingerprint: "a-fingerprint",
  unrevokedLeases: [],
};

/** Addresses instead of tunnels, which would want a cluster and a port of this machine. */
const postgres = { kind: "server", access: { kind: "address", host: "postgres.test", port: 5432 } };

/** Self-signed, of a key that nobody has any more: what is asked for takes its fingerprint. */
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
const sealStatus = { initialized: true, sealed: scenario.serving === false, cluster_id: "the-cluster" };
const server = createServer((_request, response) => response.end(JSON.stringify(sealStatus)));
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

// With TLS the program asks the cluster for the authorities first; this one has none yet.
const folder = mkdtempSync(join(tmpdir(), "vaultstack-graph-"));
const access = {
  contexts: [{ name: "test-context", context: { cluster: "test", user: "test" } }],
  clusters: [{ name: "test", cluster: { server: url } }],
  users: [{ name: "test", user: {} }],
};
process.env["KUBECONFIG"] = join(folder, "kubeconfig");
writeFileSync(process.env["KUBECONFIG"], JSON.stringify(access));

const addresses = { access: JSON.stringify({ kind: "address", url }), postgres: JSON.stringify(postgres) };
const raw = exampleSettings({ ...addresses, ...scenario.settings }, scenario.stack);
const { settings, faults } = parseSettings(raw);
if (settings === null) throw new Error(faults.join("\n"));
const config = stackConfig(settings, "test-context", "vaultstack/dev");

const recording = await record(() => stacks[config.profile](config), {
  preview: scenario.preview ?? false,
  outputs: (type) => {
    if (type.startsWith("pulumi-nodejs:dynamic/vault:")) return dynamicOutputs;
    return type.startsWith("tls:") ? certificateOutputs : {};
  },
});
// The port of the fake Vault is another one at each run.
process.stdout.write(JSON.stringify(recording).replaceAll(url, "http://vault.test"));
server.close();
rmSync(folder, { recursive: true });
server.closeAllConnections();
