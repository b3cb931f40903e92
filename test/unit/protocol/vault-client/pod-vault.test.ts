import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { wallClock } from "../../../../protocol/frame/clock.ts";
import { podVault } from "../../../../protocol/vault-client/pod-vault.ts";
import { trustedAuthorities } from "../../../../protocol/certificate/trusted-authorities.ts";
import { vaultNode } from "../../../../protocol/vault-client/vault-api.ts";
import { VaultNoAnswer } from "../../../../protocol/vault-client/vault-error.ts";
import { FakeKubernetes } from "../../../support/fake-kubernetes.ts";
import { makeTlsPair, type TlsPair } from "../../../support/tls-pair.ts";

const name = "vault-0.vault-internal";
let pair: TlsPair;
let server: Server;
let fake: FakeKubernetes;

async function serve(certificate: TlsPair): Promise<void> {
  pair = certificate;
  server = createServer({ cert: pair.certificate, key: pair.key }, (_request, response) =>
    response.writeHead(200).end("{}"),
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  fake = new FakeKubernetes("vault", "vault", [{ name: "vault-0", port: () => port }]);
  await fake.listen();
}

beforeEach(async () => {
  await serve(await makeTlsPair([name]));
  return async () => {
    await fake.close();
    server.closeAllConnections();
    server.close();
  };
});

/** Asks the pod for itself, with an authority in the Secret that the target names. */
async function ask({ serverName, authority }: { readonly serverName: string; readonly authority: string | null }) {
  const kube = fake.api("run");
  const data = authority === null ? {} : { "ca.crt": Buffer.from(authority).toString("base64") };
  const metadata = { namespace: "vault", name: "vault-tls" };
  await kube.createSecret({ apiVersion: "v1", kind: "Secret", metadata, data });
  const tls = { serverName, authoritySecret: "vault-tls" };
  const target = { kubeContext: "fake", namespace: "vault", statefulSet: "vault", pods: ["vault-0"], port: 8200, tls };
  return vaultNode(podVault(kube, target, "vault-0"), wallClock, {
    request: 4_000,
    initialize: 4_000,
  }).health();
}

test("verifies the server by the name its certificate carries, not by the loopback address", async () => {
  expect(await ask({ serverName: name, authority: pair.certificate })).toBe("active");
});

test("refuses a certificate for another name before anything is sent", async () => {
  const error: unknown = await ask({ serverName: "other.name", authority: pair.certificate }).catch(
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(VaultNoAnswer);
  expect((error as VaultNoAnswer).sent).toBe(false);
  expect(String(error)).toContain("Hostname/IP does not match certificate's altnames: Host: other.name.");
});

test("refuses a certificate of another authority", async () => {
  const other = await makeTlsPair([name]);
  await expect(ask({ serverName: name, authority: other.certificate })).rejects.toThrow("self-signed certificate");
});

test("refuses it while NODE_TLS_REJECT_UNAUTHORIZED is 0 as well (S6)", async () => {
  vi.stubEnv("NODE_TLS_REJECT_UNAUTHORIZED", "0");
  onTestFinished(() => void vi.unstubAllEnvs());
  const other = await makeTlsPair([name]);
  await expect(ask({ serverName: name, authority: other.certificate })).rejects.toThrow("self-signed certificate");
});

test("refuses an expired certificate and says so", async () => {
  server.closeAllConnections();
  server.close();
  await fake.close();
  await serve(await makeTlsPair([name], -1));
  await expect(ask({ serverName: name, authority: pair.certificate })).rejects.toThrow(/expired/);
});

test("finds the authority in the usual Secret for a state that was made before a target named one", async () => {
  const ca = Buffer.from(pair.certificate).toString("base64");
  const metadata = { namespace: "vault", name: "vault-tls" };
  const kube = fake.api("run");
  await kube.createSecret({ apiVersion: "v1", kind: "Secret", metadata, data: { "ca.crt": ca } });
  expect(await trustedAuthorities(kube, "vault", { serverName: name })).toBe(pair.certificate);
});

test("sends nothing while the Secret holds no authority, and names the Secret", async () => {
  const error: unknown = await ask({ serverName: name, authority: null }).catch((reason: unknown) => reason);
  expect((error as VaultNoAnswer).sent).toBe(false);
  expect(String(error)).toContain("the Secret vault/vault-tls has no ca.crt");
});
