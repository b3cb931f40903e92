import { writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { expect, test } from "vitest";
import { loadClusterAccess } from "../../../../kube/kubeconfig/kubeconfig.ts";
import { temporaryFolder } from "../../../../sandbox/test/support/temporary-folder.ts";

async function files(...contents: object[]): Promise<NodeJS.ProcessEnv> {
  const folder = temporaryFolder();
  const names = contents.map((_content, index) => join(folder, `config-${index}`));
  await Promise.all(contents.map((content, index) => writeFile(names[index]!, JSON.stringify(content))));
  await writeFile(join(folder, "token"), "from-a-file\n");
  return { KUBECONFIG: names.join(delimiter) };
}

const cluster = { server: "https://10.0.0.1:6443", "certificate-authority-data": Buffer.from("ca").toString("base64") };

function config(user: object, more: object = {}): object {
  return {
    contexts: [{ name: "prod", context: { cluster: "c", user: "u" } }],
    clusters: [{ name: "c", cluster: { ...cluster, ...more } }],
    users: [{ name: "u", user }],
  };
}

async function optionsOf(user: object, more: object = {}) {
  return (await loadClusterAccess("prod", await files(config(user, more)))).connectionOptions();
}

test("takes the named context and no other", async () => {
  const access = await loadClusterAccess("prod", await files({ ...config({}), "current-context": "other" }));
  expect(access.server.href).toBe("https://10.0.0.1:6443/");
});

test("a context that is not there is named with the ones that are", async () => {
  await expect(loadClusterAccess("dev", await files(config({})))).rejects.toThrow(
    /kubeContext: must be a context of .*, got "dev" \(known: prod\)/,
  );
});

test("a file that is not there is named", async () => {
  await expect(loadClusterAccess("prod", { KUBECONFIG: "/nowhere/config" })).rejects.toThrow("got /nowhere/config");
});

test("the first of several files that defines a name wins", async () => {
  const first = config({ token: "first" });
  const env = await files({ contexts: [], clusters: null }, first, config({ token: "second" }));
  const { headers } = await (await loadClusterAccess("prod", env)).connectionOptions();
  expect(headers).toEqual({ Authorization: "Bearer first" });
});

test("presents a client certificate", async () => {
  const data = (text: string): string => Buffer.from(text).toString("base64");
  const options = await optionsOf({ "client-certificate-data": data("cert"), "client-key-data": data("key") });
  expect({ ca: String(options.ca), cert: String(options.cert), key: String(options.key) }).toEqual({
    ca: "ca",
    cert: "cert",
    key: "key",
  });
});

test("reads a token file relative to its kubeconfig, each time", async () => {
  expect((await optionsOf({ tokenFile: "token" })).headers).toEqual({ Authorization: "Bearer from-a-file" });
});

test("asks an exec plugin for its token", async () => {
  const credential = {
    apiVersion: "client.authentication.k8s.io/v1",
    kind: "ExecCredential",
    status: { token: "from-exec" },
  };
  const exec = {
    apiVersion: credential.apiVersion,
    command: process.execPath,
    args: ["-e", `console.log('${JSON.stringify(credential)}')`],
  };
  expect((await optionsOf({ exec })).headers).toEqual({ Authorization: "Bearer from-exec" });
});

test("verifies the server unless the kubeconfig says not to", async () => {
  expect((await optionsOf({})).rejectUnauthorized).toBe(true);
  expect(
    (await optionsOf({}, { "insecure-skip-tls-verify": true, "certificate-authority-data": "" })).rejectUnauthorized,
  ).toBe(false);
});

test("takes a proxy from the cluster", async () => {
  expect((await optionsOf({ token: "t" }, { "proxy-url": "http://proxy:3128" })).agent).toBeDefined();
});
