/**
 * TLS from outside the cluster to a Vault, passed through a real gateway by its server name. The tests build on each
 * other and run in order. They need the sandbox with its gateway and bring it by themselves. They prove the Gateway API
 * adapter alone: Traefik and ingress-nginx cannot run here, and of their objects only the shape is tested elsewhere.
 */
import { execFile } from "node:child_process";
import { randomBytes, X509Certificate } from "node:crypto";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { nodeAddress } from "../../../sandbox/cluster/addresses.ts";
import { ClientGuide, type ClientName } from "../../support/client-guide.ts";
import { certificateServed } from "../../support/gateway-client.ts";
import { eventually, LiveStack } from "../../support/live-stack.ts";
import { makeTlsPair, type TlsPair } from "../../support/tls-pair.ts";
import { tlsVaultName, tlsVaultObjects } from "../../support/tls-vault.ts";

const run = promisify(execFile);
const name = "lg-passthrough";
const host = "vault.passthrough.example";
const token = randomBytes(16).toString("base64url");

let pair: TlsPair;
let stack: LiveStack;

beforeAll(async () => {
  await run(process.execPath, ["scripts/sandbox.ts", "up", "--with", "gateway"]);
  pair = await makeTlsPair([host]);
  stack = await LiveStack.ofProgram(name, "passthrough-program.ts", {
    kubeContext: "vaultstack-sandbox",
    args: {
      host,
      adapter: { kind: "gateway", gateway: { kind: "own", className: "eg" } },
      backend: { namespace: name, service: tlsVaultName, port: 8200 },
      proof: { kind: "reported", target: target() },
    },
  });
  await stack.kubectlWithInput(tlsVaultObjects({ namespace: name, pair, rootToken: token }), "apply", "-f", "-");
  await stack.kubectl("-n", name, "rollout", "status", `statefulset/${tlsVaultName}`, "--timeout=120s");
});

afterAll(async () => {
  await stack.destroy();
  await stack.kubectl("delete", "namespace", name, "--ignore-not-found");
  stack.forget();
});

function target(): object {
  const kubeContext = "vaultstack-sandbox";
  return {
    kubeContext,
    namespace: name,
    statefulSet: tlsVaultName,
    pods: [`${tlsVaultName}-0`],
    port: 8200,
    tls: null,
  };
}

function fingerprintOf({ certificate }: TlsPair): string {
  return new X509Certificate(certificate).fingerprint256;
}

/** The certificate a client gets that asks the gateway for a name and trusts Vault's; rejects when it gets nothing. */
function served(serverName: string): Promise<string> {
  return certificateServed(serverName, pair.certificate);
}

/** The same for the right name and another certificate to trust. */
function servedWith(ca: string): Promise<string> {
  return certificateServed(host, ca);
}

function tlsSecret(secret: string, { certificate, key }: TlsPair): string {
  const metadata = { name: secret, namespace: name };
  const stringData = { "tls.crt": certificate, "tls.key": key };
  return JSON.stringify({ apiVersion: "v1", kind: "Secret", type: "kubernetes.io/tls", metadata, stringData });
}

/** Edits the stack's Gateway as a person would who does not know better. */
async function setGatewayTls(tls: object): Promise<void> {
  const patch = JSON.stringify([{ op: "replace", path: "/spec/listeners/0/tls", value: tls }]);
  await stack.kubectl("-n", name, "patch", "gateway", "vault", "--type=json", "--patch", patch);
}

describe("a passthrough by the Gateway API", () => {
  test("is served when up is done", async () => {
    const preview = await stack.preview();
    expect(preview.code, preview.output).toBe(0);
    const up = await stack.up();
    expect(up.code, up.output).toBe(0);
    expect(await stack.outputs()).toEqual({ url: `https://${host}` });
    expect(await served(host)).toBe(fingerprintOf(pair));
  });

  test("has nothing to change afterwards: not in a second up, a preview or a refresh", async () => {
    for (const again of await stack.runsWithoutChanges()) expect(again.code, again.output).toBe(0);
  });

  test("gives nothing to a client that asks for another name", async () => {
    await expect(served("other.passthrough.example")).rejects.toThrow(/ECONNRESET|disconnected/);
  });
});

describe("the clients of the guide", () => {
  let guide: ClientGuide;

  beforeAll(async () => {
    stack.enter();
    guide = new ClientGuide({ host, address: nodeAddress, ca: pair.certificate, token });
    await guide.command("vault", "kv", "put", "secret/webapp/config", "username=static-user");
  });

  afterAll(() => {
    guide.remove();
  });

  test.each<[ClientName, RegExp]>([
    ["Vault's command line", /^static-user$/],
    ["curl", /"username":"static-user"/],
    ["Python", /^static-user$/],
    ["Go", /^static-user$/],
  ])("%s reads a secret by the certificate of the authority", async (client, secret) => {
    expect(await guide.output(client)).toMatch(secret);
  });

  test("refuse another authority", async () => {
    const stranger = new ClientGuide({
      host,
      address: nodeAddress,
      ca: (await makeTlsPair([host])).certificate,
      token,
    });
    try {
      for (const client of ["Vault's command line", "curl", "Python", "Go"] as const) {
        await expect(stranger.output(client)).rejects.toThrow(/certificate|CERTIFICATE/);
      }
    } finally {
      stranger.remove();
    }
  });
});

describe("a proxy that ends TLS instead of passing it", () => {
  test("shows as an update in a preview, and up names the certificate it serves", async () => {
    const foreign = await makeTlsPair([host]);
    await stack.kubectlWithInput(tlsSecret("foreign", foreign), "apply", "-f", "-");
    await setGatewayTls({ mode: "Terminate", certificateRefs: [{ name: "foreign" }] });
    await eventually("the gateway ends TLS", async () => (await servedWith(foreign.certificate)) !== "");

    const preview = await stack.preview();
    expect(preview.code, preview.output).toBe(0);
    expect(preview.output).toMatch(/~.*vault:ServedCertificate/);
    const up = await stack.up();
    expect(up.code).not.toBe(0);
    expect(up.output).toContain(`${host} must lead to Vault's own certificate, but TLS ends before Vault`);
    expect(up.output).toContain(fingerprintOf(foreign));
    expect(up.output).toContain("see docs/runbooks/tls-passthrough.md");
  });

  test("is found by a refresh, and an up that refreshes and may take fields back lets TLS pass again", async () => {
    const refused = await stack.up("--refresh", "--run-program");
    expect(refused.code).not.toBe(0);
    expect(refused.output).toMatch(/conflict with "kubectl-patch" .*\.spec\.listeners\[name="tls"\]\.tls\.mode/);
    await stack.set("taking", "fields");
    const up = await stack.up("--refresh", "--run-program");
    expect(up.code, up.output).toBe(0);
    await stack.unset("taking");
    const provider = await stack.up();
    expect(provider.code, provider.output).toBe(0);
    expect(await served(host)).toBe(fingerprintOf(pair));
    for (const again of await stack.runsWithoutChanges()) expect(again.code, again.output).toBe(0);
  });
});

describe("a route that was taken away", () => {
  test("is no reason to change anything but itself, and comes back", async () => {
    await stack.kubectl("-n", name, "delete", "tlsroute", "vault");
    const up = await stack.up("--refresh", "--run-program");
    expect(up.code, up.output).toBe(0);
    expect(up.output).toMatch(/\+ 1 created\n/);
    expect(await served(host)).toBe(fingerprintOf(pair));
  });
});

describe("a destroy", () => {
  test("leaves no route, no Gateway and nobody who answers", async () => {
    const destroy = await stack.destroy();
    expect(destroy.code, destroy.output).toBe(0);
    expect(await stack.kubectl("-n", name, "get", "gateway,tlsroute", "-o", "name")).toBe("");
    await expect(served(host)).rejects.toThrow();
  });
});
