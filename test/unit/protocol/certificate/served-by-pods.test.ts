/** How a run waits for a renewed certificate, against servers that speak TLS. That Vault reloads it is proved live. */
import { X509Certificate } from "node:crypto";
import type { AddressInfo } from "node:net";
import { createServer, type Server } from "node:tls";
import { afterEach, expect, test } from "vitest";
import { wallClock } from "../../../../protocol/frame/clock.ts";
import type { ProtocolContext } from "../../../../protocol/frame/protocol-context.ts";
import * as resource from "../../../../protocol/certificate/served-certificate-resource.ts";
import type { ServedCertificateInputs } from "../../../../protocol/certificate/served-certificate.ts";
import { FakeKubernetes } from "../../../support/fake-kubernetes.ts";
import { makeTlsPair, type TlsPair } from "../../../support/tls-pair.ts";

const pods = ["vault-0", "vault-1"];
const inputs: ServedCertificateInputs = {
  target: { kubeContext: "fake", namespace: "vault", statefulSet: "vault", pods, port: 8200, tls: null },
  host: "vault.vault.svc",
  entrance: { kind: "pods", secret: "vault-tls", fingerprint: null },
  protocolVersion: 1,
};

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

/** A cluster whose Secret holds a renewed certificate while its pods serve the one before it. */
async function cluster(onAnnotate?: (reload: () => void) => void) {
  const [old, renewed] = await Promise.all([makeTlsPair([inputs.host]), makeTlsPair([inputs.host])]);
  const servers = await Promise.all(pods.map(() => serve(old)));
  const fake = new FakeKubernetes(
    "vault",
    "vault",
    servers.map((server, index) => ({
      name: pods[index] ?? "",
      port: () => (server.address() as AddressInfo).port,
      ...(onAnnotate !== undefined && {
        onAnnotate: () => {
          onAnnotate(() => {
            reload(server, renewed);
          });
        },
      }),
    })),
  );
  await fake.listen();
  closers.push(() => fake.close());
  await fake.api("test").createSecret({
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "vault-tls", namespace: "vault" },
    data: { "tls.crt": Buffer.from(renewed.certificate).toString("base64") },
  });
  return { fake, servers, renewed };
}

async function serve(pair: TlsPair): Promise<Server> {
  const server = createServer({ cert: pair.certificate, key: pair.key }, (socket) =>
    socket.on("error", () => undefined),
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closers.push(() => server.close());
  return server;
}

function reload(server: Server, pair: TlsPair): void {
  server.setSecureContext({ cert: pair.certificate, key: pair.key });
}

function contextOf(fake: FakeKubernetes, ready: number): ProtocolContext {
  const timings = { poll: 20, ready, serve: 60 };
  return { kube: fake.api("run"), clock: wallClock, timings } as ProtocolContext;
}

test("a run lets the kubelet look at each pod at once, and goes on when each serves the renewed certificate", async () => {
  const { fake } = await cluster((reload) => {
    reload();
  });
  const { outs } = await resource.createIn(contextOf(fake, 5_000), inputs);
  expect(outs).toMatchObject({ passesThrough: true });
});

test("a run that may not touch the pods waits for the kubelet's own time", async () => {
  const { fake, servers, renewed } = await cluster();
  setTimeout(() => {
    servers.forEach((server) => {
      reload(server, renewed);
    });
  }, 300);
  const { outs } = await resource.createIn(contextOf(fake, 5_000), inputs);
  expect(outs).toMatchObject({ passesThrough: true });
});

test("a run ends with the pod that goes on with the former certificate", async () => {
  const { fake, servers, renewed } = await cluster();
  servers.slice(0, 1).forEach((server) => {
    reload(server, renewed);
  });
  const expected = new X509Certificate(renewed.certificate).fingerprint256;
  const failure = resource.createIn(contextOf(fake, 200), inputs);
  await expect(failure).rejects.toThrow(
    /pod vault-1 still serves the certificate .*docs\/runbooks\/stale-certificate\.md/s,
  );
  await expect(failure).rejects.toThrow(`not ${expected}`);
});
