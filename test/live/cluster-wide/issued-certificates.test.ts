/**
 * Certificates of a PKI engine, delivered as Kubernetes Secrets: issued by an authority that another signs, replaced
 * before they end, revoked when they go. The tests build on each other and run in order; the operator is the cluster's
 * only one. They do not prove what the official provider does for the engine: its place is taken by the sandbox's own.
 */
import { X509Certificate } from "node:crypto";
import { connect, createServer, type TLSSocket } from "node:tls";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { DeliveryStack } from "../../support/delivery-vault.ts";
import { eventually } from "../../support/live-stack.ts";
import { operatorRemains } from "../../../scripts/suites/operator-remains.ts";

const prefix = "li-certs";
const host = `web.${prefix}-app.svc`;
const certificate = { ttl: "30m", expiryOffset: "5m", restarts: "web", timeout: "60s" } as const;

let delivery: DeliveryStack;

beforeAll(async () => {
  delivery = await DeliveryStack.create(prefix, { certificate, staticSecrets: 0 });
});

afterAll(async () => {
  await delivery.remove();
});

async function leaf(): Promise<X509Certificate> {
  return new X509Certificate((await delivery.delivered("web-tls"))["tls.crt"] ?? "");
}

/** The authority of the stack's outputs, which is what clients are given. */
async function trusted(): Promise<string> {
  return z.object({ caCertificate: z.string() }).parse(await delivery.stack.outputs()).caCertificate;
}

/** When Vault revoked a certificate; 0 for one that is good. */
async function revokedAt(serial: string): Promise<number> {
  const colons = serial.toLowerCase().match(/../g)?.join(":") ?? "";
  const answer = z.object({ data: z.object({ revocation_time: z.number() }) });
  return answer.parse(JSON.parse(await delivery.read(`issuing/cert/${colons}`))).data.revocation_time;
}

async function restartedAt(): Promise<string> {
  const template = "jsonpath={.spec.template.metadata.annotations}";
  return delivery.stack.kubectl("-n", delivery.namespace, "get", "deployment", "web", "-o", template);
}

describe("a certificate of a PKI engine", () => {
  test("is delivered by one up, with nothing to change afterwards", async () => {
    const preview = await delivery.stack.preview();
    expect(preview.code, preview.output).toBe(0);
    const up = await delivery.stack.up();
    expect(up.code, up.output).toBe(0);
    for (const run of await delivery.stack.runsWithoutChanges()) expect(run.code, run.output).toBe(0);
  });

  test("is trusted for its name by who trusts the root alone", async () => {
    const { "tls.crt": cert, "tls.key": key } = await delivery.delivered("web-tls");
    const server = createServer({ cert, key }, (socket) => socket.end("hello"));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    try {
      expect(await greeting({ port, servername: host, ca: await trusted() })).toBe("hello");
      await expect(greeting({ port, servername: "other.example", ca: await trusted() })).rejects.toThrow(/altnames/);
      await expect(greeting({ port, servername: host, ca: cert?.split("\n\n").at(-1) ?? "" })).rejects.toThrow();
    } finally {
      server.close();
    }
  });

  test("names where its authority's certificate and its revocation list are", async () => {
    const { infoAccess } = await leaf();
    expect(infoAccess).toContain("/v1/issuing/ca");
  });

  test("leaves no key of an authority in the state, and none of its own", async () => {
    const { text } = await delivery.stack.exportState();
    expect(text).not.toMatch(/PRIVATE KEY/);
    expect(delivery.stack.transcript).not.toMatch(/PRIVATE KEY/);
  });

  test("is replaced before its end, the one before is revoked, and the application restarted", async () => {
    delivery.choose({ certificate: { ...certificate, ttl: "70s", expiryOffset: "35s" }, staticSecrets: 0 });
    const up = await delivery.stack.up();
    expect(up.code, up.output).toBe(0);
    const first = await leaf();
    const before = await restartedAt();
    await eventually("another one is delivered", async () => (await leaf()).serialNumber !== first.serialNumber, 90);
    expect(Date.now()).toBeLessThan(new Date(first.validTo).getTime());
    await eventually("the one before is revoked", async () => (await revokedAt(first.serialNumber)) > 0);
    await eventually("the application is restarted", async () => (await restartedAt()) !== before);
    // Without a refresh: one that meets a restart under way finds an application that is not ready.
    const preview = await delivery.stack.preview("--expect-no-changes");
    expect(preview.code, preview.output).toBe(0);
  });

  test("is rejected in preview when its role does not grant its life, with both ends named", async () => {
    delivery.choose({ certificate: { ...certificate, ttl: "2h" }, staticSecrets: 0, authorityTtl: "48h" });
    const preview = await delivery.stack.preview();
    expect(preview.code).not.toBe(0);
    expect(preview.output).toContain('authority.ttl: must be shorter than authority.ttl of its parent, 48h, got "48h"');
    delivery.choose({ certificate: { ...certificate, ttl: "2h" }, staticSecrets: 0 });
    const again = await delivery.stack.preview();
    expect(again.code).not.toBe(0);
    expect(again.output).toContain('secrets.web.ttl: must be at most the maxTtl of its role, 1h, got "2h"');
  });

  test("stops an up that names a workload to restart which is not there, and lets the next one go on", async () => {
    delivery.choose({ certificate: { ...certificate, restarts: "wbe", timeout: "10s" }, staticSecrets: 0 });
    const up = await delivery.stack.up();
    expect(up.code).not.toBe(0);
    expect(up.output).toContain(
      `rolloutRestart of VaultPKISecret web in ${delivery.namespace}: must name workloads that are there within 10 s, got:`,
    );
    expect(up.output).toContain("no Deployment wbe");
    delivery.choose({ certificate, staticSecrets: 0 });
    const mended = await delivery.stack.up();
    expect(mended.code, mended.output).toBe(0);
  });

  test("is revoked when it is delivered no more", async () => {
    const { serialNumber } = await leaf();
    delivery.choose({ certificate: null, staticSecrets: 0 });
    const up = await delivery.stack.up();
    expect(up.code, up.output).toBe(0);
    await eventually("it is revoked", async () => (await revokedAt(serialNumber)) > 0);
    const secret = ["-n", delivery.namespace, "get", "secret", "web-tls", "--ignore-not-found"];
    await eventually("its Secret is gone", async () => (await delivery.stack.kubectl(...secret)) === "");
  });

  test("is issued by another authority when the life of its own is changed", async () => {
    delivery.choose({ certificate, staticSecrets: 0, authorityTtl: "23h" });
    const up = await delivery.stack.up();
    expect(up.code, up.output).toBe(0);
    const issuer = z.object({ data: z.object({ default: z.string() }) });
    expect(issuer.parse(JSON.parse(await delivery.read("issuing/config/issuers"))).data.default).not.toBe("");
    expect((await leaf()).checkHost(host)).toBe(host);
    for (const run of await delivery.stack.runsWithoutChanges()) expect(run.code, run.output).toBe(0);
  });

  test("leaves nothing when the stack is destroyed", async () => {
    const destroy = await delivery.stack.destroy();
    expect(destroy.code, destroy.output).toBe(0);
    expect((await delivery.stack.exportState()).state.resources).toEqual([]);
    expect(await operatorRemains(delivery.stack)).toEqual([]);
    await expect(delivery.read("sys/mounts/issuing")).rejects.toThrow(/No secret engine mount/);
    expect(await delivery.stack.kubectl("get", "namespace", delivery.namespace, "--ignore-not-found")).toBe("");
  });
});

/** What a server says to a client that verifies its certificate. */
async function greeting(options: { port: number; servername: string; ca: string }): Promise<string> {
  const socket: TLSSocket = connect({ host: "127.0.0.1", ...options });
  return new Promise((resolve, reject) => {
    let text = "";
    socket.setEncoding("utf8").on("data", (part: string) => (text += part));
    socket.once("error", reject);
    socket.once("end", () => {
      resolve(text);
    });
  });
}
