/**
 * Prints the graph of the dev stack as JSON. A program of its own, because dynamic resources serialise their provider, which
 * works in plain Node only.
 *
 * Usage: node test/support/dev-graph.ts '<Scenario as JSON>'
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
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
  roleId: "a-role-id",
  secretId: "a-secret-id",
  policyName: "pulumi-admin",
  generation: "a-generation",
  passwordFingerprint: "a-fingerprint",
  unrevokedLeases: [],
};

/** Addresses instead of tunnels, which would want a cluster and a port of this machine. */
const postgres = { kind: "server", access: { kind: "address", host: "postgres.test", port: 5432 } };

const scenario = JSON.parse(process.argv[2] ?? "{}") as Scenario;
const sealStatus = { initialized: true, sealed: scenario.serving === false, cluster_id: "the-cluster" };
const server = createServer((_request, response) => response.end(JSON.stringify(sealStatus)));
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

const addresses = { access: JSON.stringify({ kind: "address", url }), postgres: JSON.stringify(postgres) };
const raw = exampleSettings({ ...addresses, ...scenario.settings });
const { settings, faults } = parseSettings(raw);
if (settings === null) throw new Error(faults.join("\n"));
const config = stackConfig(settings, "test-context", "vaultstack/dev");

const recording = await record(() => stacks[config.profile](config), {
  preview: scenario.preview ?? false,
  outputs: (type) => (type.startsWith("pulumi-nodejs:dynamic/vault:") ? dynamicOutputs : {}),
});
// The port of the fake Vault is another one at each run.
process.stdout.write(JSON.stringify(recording).replaceAll(url, "http://vault.test"));
server.close();
server.closeAllConnections();
