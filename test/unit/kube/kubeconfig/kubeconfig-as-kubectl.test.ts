/**
 * What `kubectl` takes from a kubeconfig and the environment, the program takes. The plugins and proxies are small
 * programs of this test. Does not prove anything about a real plugin or a real cluster.
 */
import { writeFileSync } from "node:fs";
import { connect, createServer, type AddressInfo, type Server } from "node:net";
import { createServer as createHttp } from "node:http";
import { createServer as createHttps } from "node:https";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { inClusterContext } from "../../../../kube/kubeconfig/in-cluster.ts";
import { currentContext } from "../../../../kube/kubeconfig/current-context.ts";
import { kubeApi } from "../../../../kube/kube-client.ts";
import { loadClusterAccess } from "../../../../kube/kubeconfig/kubeconfig.ts";
import { temporaryFolder } from "../../../../sandbox/test/support/temporary-folder.ts";
import { TlsAuthority } from "../../../support/tls-authority.ts";

const serverOf = "https://10.0.0.1:6443";

function kubeconfig(user: object, cluster: object = {}): string {
  const file = join(temporaryFolder(), "config");
  const content = {
    contexts: [{ name: "prod", context: { cluster: "c", user: "u" } }],
    clusters: [{ name: "c", cluster: { server: serverOf, ...cluster } }],
    users: [{ name: "u", user }],
  };
  writeFileSync(file, JSON.stringify(content));
  return file;
}

async function headersOf(user: object, cluster: object = {}) {
  const access = await loadClusterAccess("prod", { KUBECONFIG: kubeconfig(user, cluster) });
  return (await access.connectionOptions()).headers;
}

const apiVersion = "client.authentication.k8s.io/v1";

function plugin(program: string): object {
  return { apiVersion, command: process.execPath, args: ["-e", program] };
}

const credential = (token: string): string =>
  `console.log(JSON.stringify({ apiVersion: "${apiVersion}", kind: "ExecCredential", status: { token: ${token} } }))`;

test("an exec plugin is told of the cluster when it asks for that (B1)", async () => {
  const told = credential("JSON.parse(process.env.KUBERNETES_EXEC_INFO).spec.cluster.server");
  const exec = { ...plugin(told), provideClusterInfo: true };
  expect(await headersOf({ exec })).toEqual({ Authorization: `Bearer ${serverOf}` });
});

test("what an exec plugin prints is not repeated when it is no credential", async () => {
  const failed = headersOf({ exec: plugin('console.log("s.very-secret")') });
  await expect(failed).rejects.toThrow(/must print an ExecCredential/);
  await expect(failed).rejects.not.toThrow(/very-secret/);
});

test("an exec plugin is asked once for a credential that is good", async () => {
  const access = await loadClusterAccess("prod", {
    KUBECONFIG: kubeconfig({ exec: plugin(credential("String(process.pid)")) }),
  });
  const [first, second] = [await access.connectionOptions(), await access.connectionOptions()];
  expect(second.headers).toEqual(first.headers);
  access.forgetCredentials?.();
  expect((await access.connectionOptions()).headers).not.toEqual(first.headers);
});

test("whom a user acts as is told whole: groups, uid and extra (B2, S16)", async () => {
  const user = {
    token: "t",
    as: "deployer",
    "as-groups": ["one", "two"],
    "as-uid": "u-1",
    "as-user-extra": { "acme.com/project": ["x"] },
  };
  expect(await headersOf(user)).toEqual({
    Authorization: "Bearer t",
    "Impersonate-User": "deployer",
    "Impersonate-Group": ["one", "two"],
    "Impersonate-Uid": "u-1",
    "Impersonate-Extra-acme.com%2Fproject": ["x"],
  });
});

test("without a kubeconfig, a pod's own account leads to its own cluster (B5)", async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "token"), "of-the-pod\n");
  writeFileSync(join(folder, "ca.crt"), "ca");
  const env = { HOME: folder, KUBERNETES_SERVICE_HOST: "fd00::1", KUBERNETES_SERVICE_PORT: "443" };
  expect(currentContext(env, folder)).toBe(inClusterContext);
  const access = await loadClusterAccess(inClusterContext, env, folder);
  expect(access.server.href).toBe("https://[fd00::1]/");
  expect((await access.connectionOptions()).headers).toEqual({ Authorization: "Bearer of-the-pod" });
});

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

/** An API server that answers with an empty pod, and says in which way it was reached. */
async function apiServer(names: readonly string[]) {
  const authority = await TlsAuthority.create("api");
  const { certificate: cert, key } = await authority.issue(names);
  const port = await listening(createHttps({ cert, key }, (_request, response) => response.end("{}")));
  return { port, ca: Buffer.from(authority.certificate).toString("base64") };
}

/** A proxy that leads everybody to one port, whomever they ask for. */
async function httpProxy(to: number, status = 200) {
  const asked: string[] = [];
  const server = createHttp();
  server.on("connect", ({ url = "" }, client) => {
    asked.push(url);
    if (status !== 200) {
      client.end(`HTTP/1.1 ${status} No\r\nContent-Length: 2\r\n\r\n{}`);
      return;
    }
    const behind = connect(to, "127.0.0.1", () => {
      client.write("HTTP/1.1 200 OK\r\n\r\n");
      behind.pipe(client).pipe(behind);
    });
    for (const end of [client, behind]) end.on("error", () => end.destroy());
  });
  return { asked, port: await listening(server) };
}

async function readPod(env: NodeJS.ProcessEnv) {
  return kubeApi(await loadClusterAccess("prod", env), { timeoutMs: 5_000, attempts: 1 }).readPod("vault", "vault-0");
}

test.each(["https://api.internal:6443", "https://10.9.8.7:6443", "https://[fd00::9]:6443"])(
  "%s is reached through HTTPS_PROXY, and verified as itself (B3, S16)",
  async (server) => {
    const { hostname, host } = new URL(server);
    const api = await apiServer([hostname.replace(/[[\]]/g, "")]);
    const proxy = await httpProxy(api.port);
    const file = kubeconfig({ token: "t" }, { server, "certificate-authority-data": api.ca });
    const env = { KUBECONFIG: file, HTTPS_PROXY: `http://127.0.0.1:${proxy.port}` };
    expect(await readPod(env)).toEqual({});
    expect(proxy.asked).toEqual([host]);
  },
);

test("a server by another name behind a proxy is not believed, not even as localhost", async () => {
  const api = await apiServer(["localhost", "127.0.0.1"]);
  const proxy = await httpProxy(api.port);
  const file = kubeconfig({ token: "t" }, { server: "https://10.9.8.7:6443", "certificate-authority-data": api.ca });
  await expect(readPod({ KUBECONFIG: file, HTTPS_PROXY: `http://127.0.0.1:${proxy.port}` })).rejects.toThrow(
    /altnames/,
  );
});

test("what a proxy answers itself is not taken for an answer of the API server", async () => {
  const proxy = await httpProxy(1, 404);
  const env = { KUBECONFIG: kubeconfig({ token: "t" }), HTTPS_PROXY: `http://127.0.0.1:${proxy.port}` };
  await expect(readPod(env)).rejects.toMatchObject({ kind: "unreachable" });
});

test("NO_PROXY leaves a network out", async () => {
  const env = { KUBECONFIG: kubeconfig({ token: "t" }), HTTPS_PROXY: "http://127.0.0.1:1", NO_PROXY: "10.0.0.0/8" };
  expect((await (await loadClusterAccess("prod", env)).connectionOptions()).agent).toBeUndefined();
});

/** Speaks as much of SOCKS5 as one connection by name needs. */
async function socksProxy(to: number) {
  const asked: string[] = [];
  const server = createServer((client) => {
    client.on("error", () => client.destroy());
    client.once("data", () => {
      client.write(Buffer.of(5, 0));
      client.once("data", (wanted) => {
        asked.push(wanted.subarray(5, 5 + (wanted[4] ?? 0)).toString());
        const behind = connect(to, "127.0.0.1", () => {
          client.write(Buffer.of(5, 0, 0, 1, 127, 0, 0, 1, 0, 1));
          behind.pipe(client).pipe(behind);
        });
        behind.on("error", () => behind.destroy());
      });
    });
  });
  return { asked, port: await listening(server) };
}

test("a SOCKS5 proxy looks the name up itself", async () => {
  const api = await apiServer(["api.internal"]);
  const proxy = await socksProxy(api.port);
  const cluster = {
    server: "https://api.internal:6443",
    "certificate-authority-data": api.ca,
    "proxy-url": `socks5://127.0.0.1:${proxy.port}`,
  };
  expect(await readPod({ KUBECONFIG: kubeconfig({ token: "t" }, cluster) })).toEqual({});
  expect(proxy.asked).toEqual(["api.internal"]);
});

test("a server of another authority is not believed while NODE_TLS_REJECT_UNAUTHORIZED is 0 (S6)", async () => {
  vi.stubEnv("NODE_TLS_REJECT_UNAUTHORIZED", "0");
  onTestFinished(() => void vi.unstubAllEnvs());
  const [api, other] = [await apiServer(["127.0.0.1"]), await apiServer(["127.0.0.1"])];
  const cluster = { server: `https://127.0.0.1:${api.port}`, "certificate-authority-data": other.ca };
  await expect(readPod({ KUBECONFIG: kubeconfig({ token: "t" }, cluster) })).rejects.toThrow(/certificate/);
});

test.each(["http", "socks5"])("nor is it behind a proxy of %s (S6)", async (kind) => {
  vi.stubEnv("NODE_TLS_REJECT_UNAUTHORIZED", "0");
  onTestFinished(() => void vi.unstubAllEnvs());
  const [api, other] = [await apiServer(["api.internal"]), await apiServer(["api.internal"])];
  const proxy = kind === "http" ? await httpProxy(api.port) : await socksProxy(api.port);
  const cluster = {
    server: "https://api.internal:6443",
    "certificate-authority-data": other.ca,
    "proxy-url": `${kind}://127.0.0.1:${proxy.port}`,
  };
  await expect(readPod({ KUBECONFIG: kubeconfig({ token: "t" }, cluster) })).rejects.toThrow(/certificate/);
  expect(proxy.asked).not.toEqual([]);
});
