import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { connectionOf } from "../../../../../../sandbox/plugins/kubernetes/api/context.ts";
import { loadKubeconfig } from "../../../../../../sandbox/plugins/kubernetes/api/kubeconfig.ts";
import { settingChanges } from "../../../../../../sandbox/plugins/kubernetes/settings.ts";
import { unknown, type JsonObject } from "../../../../../../sandbox/plugins/shared/property.ts";

const folder = mkdtempSync(join(tmpdir(), "kubeconfig-"));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function config(
  name: string,
  server: string,
  user: JsonObject = { token: "t-1" },
  cluster: JsonObject = {},
): JsonObject {
  return {
    "current-context": name,
    clusters: [{ name, cluster: { server, ...cluster } }],
    users: [{ name, user }],
    contexts: [{ name, context: { cluster: name, user: name, namespace: "team" } }],
  };
}

function file(name: string, document: JsonObject): string {
  const path = join(folder, name);
  writeFileSync(path, JSON.stringify(document));
  return path;
}

describe("loadKubeconfig", () => {
  it("takes the document itself, its path, or the ambient one", () => {
    const path = file("a", config("a", "https://a"));
    for (const loaded of [
      loadKubeconfig(JSON.stringify(config("a", "https://a")), {}),
      loadKubeconfig(path, {}),
      loadKubeconfig(undefined, { KUBECONFIG: path }),
    ]) {
      expect(loaded.currentContext).toBe("a");
    }
  });

  it("merges several files, the first winning", () => {
    const paths = [
      file("one", config("one", "https://one")),
      join(folder, "absent"),
      file("two", config("two", "https://two")),
    ];
    const merged = loadKubeconfig(paths.join(":"), {});
    expect(merged.currentContext).toBe("one");
    expect(Object.keys(merged.contexts).sort()).toEqual(["one", "two"]);
  });

  it("rejects a path without a file, naming it", () => {
    expect(() => loadKubeconfig("/nonexistent/config", {})).toThrow("got no file at /nonexistent/config");
  });

  it("rejects text that is no kubeconfig without quoting it", () => {
    const broken = (): unknown => loadKubeconfig("users:\n - {token: 'sekrit-1\n", {});
    expect(broken).toThrow("must be YAML or JSON");
    expect(broken).not.toThrow("sekrit");
  });
});

describe("connectionOf", () => {
  it("reads inline data and files relative to the kubeconfig", () => {
    writeFileSync(join(folder, "ca.pem"), "CA");
    const user = { "client-certificate-data": btoa("CERT"), "client-key-data": btoa("KEY") };
    const path = file(
      "tls",
      config("tls", "https://tls:6443/", user, { "certificate-authority": "ca.pem", "tls-server-name": "api" }),
    );
    expect(connectionOf(loadKubeconfig(path, {}), {})).toEqual({
      server: "https://tls:6443",
      certificateAuthority: "CA",
      serverName: "api",
      insecure: false,
      clientCertificate: "CERT",
      clientKey: "KEY",
      namespace: "team",
    });
  });

  it("reads a token file anew for each request", () => {
    writeFileSync(join(folder, "token"), "first\n");
    const { token } = connectionOf(
      loadKubeconfig(file("tf", config("tf", "https://t", { tokenFile: "token" })), {}),
      {},
    );
    expect(token?.()).toBe("first");
    writeFileSync(join(folder, "token"), "second\n");
    expect(token?.()).toBe("second");
  });

  it.each([
    ["exec", { exec: { command: "login" } }],
    ["auth-provider", { "auth-provider": { name: "x" } }],
    ["username", { username: "u", password: "p" }],
  ])("rejects a login by %s", (word, user) => {
    expect(() => connectionOf(loadKubeconfig(JSON.stringify(config("a", "https://a", user)), {}), {})).toThrow(word);
  });

  it("rejects a context the kubeconfig does not have, naming those it has", () => {
    expect(() => connectionOf(loadKubeconfig(JSON.stringify(config("a", "https://a")), {}), { context: "b" })).toThrow(
      'context: must be one of the kubeconfig (a), got "b"',
    );
  });
});

describe("settingChanges", () => {
  const text = (name: string, server: string): string => JSON.stringify(config(name, server));

  it.each([
    ["another server replaces", { kubeconfig: text("a", "https://a") }, { kubeconfig: text("a", "https://b") }, true],
    [
      "the same server under another context does not",
      { kubeconfig: text("a", "https://a") },
      { kubeconfig: text("b", "https://a") },
      false,
    ],
    [
      "a kubeconfig that is not known yet replaces",
      { kubeconfig: text("a", "https://a") },
      { kubeconfig: unknown },
      true,
    ],
    [
      "a kubeconfig that is gone does not",
      { kubeconfig: "/nonexistent/old" },
      { kubeconfig: text("a", "https://a") },
      false,
    ],
  ])("%s", (_case, olds, news, replaces) => {
    const changes = settingChanges(olds, news, {});
    expect(changes.map(({ path }) => path)).toEqual(["kubeconfig"]);
    expect(changes.some(({ replace }) => replace)).toBe(replaces);
  });

  it("leaves other settings to an update", () => {
    const changes = settingChanges(
      { kubeconfig: text("a", "https://a") },
      { kubeconfig: text("a", "https://a"), enableSecretMutable: true },
      {},
    );
    expect(changes).toEqual([
      { path: "enableSecretMutable", property: "enableSecretMutable", kind: "add", replace: false },
    ]);
  });
});
