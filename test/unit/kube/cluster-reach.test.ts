import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer as createHttp } from "node:http";
import { createServer as createHttps } from "node:https";
import { type AddressInfo, createServer as createTcp, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { clusterFault } from "../../../kube/cluster-reach.ts";
import { makeTlsPair } from "../../support/tls-pair.ts";

/**
 * One question to servers of this machine. That a real run ends by it, and before anything is declared, is for the live
 * tests.
 */

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closers.push(() => server.close());
  return (server.address() as AddressInfo).port;
}

function faultAt(server: string, context = "team", cluster: Record<string, string> = {}): Promise<string | null> {
  const file = join(mkdtempSync(join(tmpdir(), "cluster-reach-")), "kubeconfig");
  closers.push(() => {
    rmSync(join(file, ".."), { recursive: true });
  });
  const kubeconfig = {
    contexts: [{ name: "team", context: { cluster: "c", user: "u" } }],
    clusters: [{ name: "c", cluster: { server, ...cluster } }],
    users: [{ name: "u", user: {} }],
  };
  writeFileSync(file, JSON.stringify(kubeconfig));
  return clusterFault({ kubeContext: context, namespace: "vault", statefulSet: "vault" }, { KUBECONFIG: file });
}

async function faultOfAnswer(status: number, message: string): Promise<string | null> {
  const server = createHttp((_request, response) => response.writeHead(status).end(JSON.stringify({ message })));
  return faultAt(`http://127.0.0.1:${await listening(server)}`);
}

describe("a cluster that answers", () => {
  test("has no fault, whether or not the stack is there", async () => {
    expect(await faultOfAnswer(200, "")).toBeNull();
    expect(await faultOfAnswer(404, "not found")).toBeNull();
  });
});

describe("a cluster out of reach is told in one sentence, with the context, the address, the reason and what to do", () => {
  test("when nobody listens", async () => {
    const fault = await faultAt("https://127.0.0.1:1");
    expect(fault).toContain('kubeContext: "team" (https://127.0.0.1:1) must answer, got connect ECONNREFUSED');
    expect(fault).toContain("start the cluster");
    expect(fault).not.toContain("\n");
  });

  test("when its name is nobody's", async () => {
    expect(await faultAt("https://no-such-host.invalid:6443")).toMatch(/must answer, got getaddrinfo E/);
  });

  test("when it never answers, after five seconds and not minutes", { timeout: 30_000 }, async () => {
    const silent = createTcp((socket) => {
      closers.push(() => socket.destroy());
    });
    const begun = performance.now();
    expect(await faultAt(`http://127.0.0.1:${await listening(silent)}`)).toContain(
      "must answer, got no answer for 5 s",
    );
    expect(performance.now() - begun).toBeLessThan(15_000);
  });

  test("when its certificate is somebody else's", async () => {
    const pair = await makeTlsPair(["127.0.0.1"]);
    const server = createHttps({ cert: pair.certificate, key: pair.key });
    const fault = await faultAt(`https://127.0.0.1:${await listening(server)}`);
    expect(fault).toContain("must be who the kubeconfig says, got self-signed certificate");
    expect(fault).toContain("certificate-authority-data");
  });

  test("when it does not speak TLS", async () => {
    const server = createHttp((_request, response) => response.end());
    expect(await faultAt(`https://127.0.0.1:${await listening(server)}`)).toContain("must be who the kubeconfig says");
  });

  test("when it does not know the login", async () => {
    const fault = await faultOfAnswer(401, "Unauthorized");
    expect(fault).toMatch(/must take the login of the kubeconfig, got .*401 Unauthorized; renew the login/);
  });

  test("when the login may not read", async () => {
    const fault = await faultOfAnswer(403, 'statefulsets.apps "vault" is forbidden');
    expect(fault).toMatch(/must let this login read .*got .*statefulsets.apps "vault" is forbidden/);
  });

  test("when it is not healthy", async () => {
    expect(await faultOfAnswer(503, "etcd is away")).toMatch(/must answer as a Kubernetes API does, got .*503/);
  });

  test("when the context does not exist", async () => {
    expect(await faultAt("https://127.0.0.1:1", "other")).toMatch(/^kubeContext: must be a context of .*got "other"/);
  });
});
