/**
 * Whom the program believes that it is Vault, before it sends anything. A server of one authority and a cluster that
 * names another stand for a wrong `ca.crt`. Does not prove anything about the plugins, which verify by themselves.
 */
import { rmSync } from "node:fs";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { dirname } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { afterEach, beforeAll, expect, test, vi } from "vitest";
import { caFile } from "../../../../../components/vault/reach/ca-file.ts";
import { reachVault, type VaultReach } from "../../../../../components/vault/reach/vault-reach.ts";
import { fakeContext, FakeKubernetes } from "../../../../support/fake-kubernetes.ts";
import { TlsAuthority, type Validity } from "../../../../support/tls-authority.ts";

let own: TlsAuthority;
let other: TlsAuthority;
const closers: (() => Promise<void> | void)[] = [];

beforeAll(async () => {
  await pulumi.runtime.setMocks(
    { newResource: () => ({ id: "", state: {} }), call: () => ({}) },
    "vaultstack",
    "unit-reach",
  );
  [own, other] = [await TlsAuthority.create("own"), await TlsAuthority.create("other")];
});

afterEach(async () => {
  vi.unstubAllEnvs();
  for (const close of closers.splice(0)) await close();
});

/** An open Vault with a certificate; the cluster says that the stack's own authority is to be trusted. */
async function reach(
  issuer: TlsAuthority,
  names: readonly string[],
  validity?: Validity,
): Promise<VaultReach & { asked: number }> {
  const { certificate: cert, key } = await issuer.issue(names, validity);
  let asked = 0;
  const server = createServer({ cert, key }, (_request, response) => {
    asked += 1;
    response.end('{"initialized":true,"sealed":false,"cluster_id":"c-1"}');
  });
  const url = `https://localhost:${await portOf(server)}`;
  const kube = new FakeKubernetes("vault", "vault", [{ name: "vault-0", port: () => 1 }]);
  await kube.listen();
  closers.push(() => kube.close());
  const data = { "ca.crt": Buffer.from(own.certificate).toString("base64") };
  await kube
    .api("test")
    .createSecret({ apiVersion: "v1", kind: "Secret", metadata: { namespace: "vault", name: "vault-tls" }, data });
  vi.stubEnv("KUBECONFIG", await kube.kubeconfig());
  const tls = { serverName: "vault-active.vault.svc", authoritySecret: "vault-tls" };
  const target = {
    kubeContext: fakeContext,
    namespace: "vault",
    statefulSet: "vault",
    pods: ["vault-0"],
    port: 8200,
    tls,
  };
  const reached = await reachVault({ kind: "address", url }, target);
  return { ...reached, asked };
}

async function portOf(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closers.push(() => {
    server.closeAllConnections();
    server.close();
    rmSync(dirname(caFile()), { recursive: true, force: true });
  });
  return (server.address() as AddressInfo).port;
}

test("a Vault of the stack's own authority, by its own name, is believed", async () => {
  expect(await reach(own, ["localhost"])).toMatchObject({ serving: { clusterId: "c-1" }, obstacle: "", asked: 1 });
});

test("one of another authority is not, is told as such, and is sent nothing", async () => {
  const reached = await reach(other, ["localhost"]);
  expect(reached).toMatchObject({ serving: null, asked: 0 });
  expect(reached.obstacle).toContain("its certificate is not trusted: unable to verify the first certificate");
});

test("one by another name is not, is told as such, and is sent nothing", async () => {
  const reached = await reach(own, ["vault.elsewhere"]);
  expect(reached).toMatchObject({ serving: null, asked: 0 });
  expect(reached.obstacle).toContain(
    "its certificate is not trusted: Hostname/IP does not match certificate's altnames: ",
  );
});

test.each([
  ["has ended", { until: -0.5 }, "its certificate is not trusted: certificate has expired"],
  ["is valid in two hours only", { from: 2 / 24 }, "its certificate is not trusted: certificate is not yet valid"],
])("one whose certificate %s is not, is told as such, and is sent nothing", async (_, validity, obstacle) => {
  expect(await reach(own, ["localhost"], validity)).toMatchObject({ serving: null, obstacle, asked: 0 });
});

test("an address without TLS is refused for a Vault with TLS, before Pulumi's login could be sent there (S10)", async () => {
  const tls = { serverName: "vault-active.vault.svc", authoritySecret: "vault-tls" };
  const place = { kubeContext: fakeContext, namespace: "vault", statefulSet: "vault", pods: ["vault-0"], port: 8200 };
  await expect(reachVault({ kind: "address", url: "http://127.0.0.1:1" }, { ...place, tls })).rejects.toThrow(
    "access.url: must be https://, because Vault speaks TLS",
  );
});
