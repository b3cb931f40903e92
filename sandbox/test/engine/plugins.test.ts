import { chmodSync, existsSync, mkdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

import { engineLayout } from "../../engine/layout.ts";
import { type BuiltPlugins, placePlugins, pluginLine } from "../../engine/plugins.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

/**
 * A project that needs the plugins `vault` and `tls`, a user's plugin cache, and an engine whose downloads are
 * scripted.
 */
function machine({ download = "exit 1", built = {} }: { download?: string; built?: BuiltPlugins } = {}) {
  const folder = temporaryFolder({
    "project/package.json": JSON.stringify({ dependencies: { "@pulumi/tls": "*", "@pulumi/vault": "*" } }),
    "project/node_modules/@pulumi/tls/package.json": manifest("tls", "5.6.1"),
    "project/node_modules/@pulumi/vault/package.json": manifest("vault", "7.8.0"),
    "project/sandbox/plugins/tls/main.ts": "",
    "project/sandbox/plugins/vault/main.ts": "",
    // The engine's `plugin install resource <name> <version>`; it notes each call.
    "path/pulumi": `#!/bin/sh\necho "$4" >> "$PULUMI_HOME/asked"\n${download}\n`,
  });
  chmodSync(join(folder, "path/pulumi"), 0o755);
  const layout = engineLayout(join(folder, "project"), join(folder, "state"));
  const own = join(folder, "own");
  const env = {
    PATH: `${join(folder, "path")}:${process.env["PATH"] ?? ""}`,
    PULUMI_HOME: layout.home,
    // With a proxy the name of the download host need not be known here.
    HTTPS_PROXY: "http://proxy.example",
  };
  return {
    layout,
    own,
    place: (plugins = built) => placePlugins(layout, env, plugins, own),
    executable: (name: string, version: string) =>
      join(layout.home, "plugins", `resource-${name}-v${version}`, `pulumi-resource-${name}`),
    asked: () => (existsSync(join(layout.home, "asked")) ? readFileSync(join(layout.home, "asked"), "utf8") : ""),
  };
}

function manifest(name: string, version: string): string {
  return JSON.stringify({ name: `@pulumi/${name}`, version, pulumi: { resource: true, name, version } });
}

function putOwnPlugin(own: string, name: string, version: string): string {
  const folder = join(own, `resource-${name}-v${version}`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `pulumi-resource-${name}`), "", { mode: 0o755 });
  return folder;
}

const installs = `mkdir -p "$PULUMI_HOME/plugins/resource-$4-$5"
printf '#!/bin/sh\\n' > "$PULUMI_HOME/plugins/resource-$4-$5/pulumi-resource-$4"
chmod +x "$PULUMI_HOME/plugins/resource-$4-$5/pulumi-resource-$4"`;

describe("the plugins of a run", () => {
  test("are the user's own at the exact version, before anything else", async () => {
    const { own, place, executable, asked } = machine();
    const tls = putOwnPlugin(own, "tls", "5.6.1");
    putOwnPlugin(own, "vault", "7.8.0");
    expect((await place()).map(({ origin }) => origin)).toEqual(["yours", "yours"]);
    expect(readlinkSync(executable("tls", "5.6.1"))).toBe(join(tls, "pulumi-resource-tls"));
    expect(asked()).toBe("");
  });

  test("are not the user's own of another version, nor one that is half unpacked", async () => {
    const { own, place } = machine();
    putOwnPlugin(own, "tls", "5.6.0");
    writeFileSync(`${putOwnPlugin(own, "vault", "7.8.0")}.partial`, "");
    expect((await place()).map(({ origin }) => origin)).toEqual(["stand-in", "stand-in"]);
  });

  test("are downloaded when the engine can", async () => {
    const { place } = machine({ download: installs });
    expect((await place()).map(({ origin }) => origin)).toEqual(["downloaded", "downloaded"]);
    expect((await place()).map(({ origin }) => origin)).toEqual(["downloaded", "downloaded"]);
  });

  test("are stand-ins where nothing can be downloaded, which is tried once and not for each plugin or run", async () => {
    const { layout, place, executable, asked } = machine();
    expect((await place()).map(({ origin }) => origin)).toEqual(["stand-in", "stand-in"]);
    expect((await place()).map(({ origin }) => origin)).toEqual(["stand-in", "stand-in"]);
    expect(asked()).toBe("tls\n");
    expect(readFileSync(executable("vault", "7.8.0"), "utf8")).toContain(
      join(layout.project, "sandbox/plugins/vault/main.ts"),
    );
  });

  test("become the user's own as soon as there are such", async () => {
    const { own, place } = machine();
    await place();
    putOwnPlugin(own, "vault", "7.8.0");
    expect((await place()).map(({ name, origin }) => `${name} ${origin}`)).toEqual(["tls stand-in", "vault yours"]);
  });

  test("become something else when the user's own are gone", async () => {
    const { own, place } = machine();
    putOwnPlugin(own, "tls", "5.6.1");
    await place();
    rmSync(own, { recursive: true });
    expect((await place()).map(({ origin }) => origin)).toEqual(["stand-in", "stand-in"]);
  });

  test("are the ones built here, not a stand-in, where nothing can be downloaded", async () => {
    const { layout, place, executable, asked } = machine({ built: { vault: "/built/vault-1" } });
    expect((await place()).map(({ name, origin }) => `${name} ${origin}`)).toEqual(["tls stand-in", "vault built"]);
    const script = readFileSync(executable("vault", "7.8.0"), "utf8");
    expect(script).toContain(`'${join(layout.project, "sandbox/plugins/vault/main.ts")}' '/built/vault-1' "$@"`);
    await place();
    expect(asked()).toBe("tls\n");
  });

  test("are not the ones built here where there is one of the user's or a download", async () => {
    const { own, place } = machine({ download: installs, built: { tls: "/built/tls", vault: "/built/vault" } });
    putOwnPlugin(own, "tls", "5.6.1");
    expect((await place()).map(({ name, origin }) => `${name} ${origin}`)).toEqual(["tls yours", "vault downloaded"]);
  });

  test("are the ones built here as soon as there are such, and the new ones once they are built anew", async () => {
    const { place, executable } = machine();
    expect((await place())[1]?.origin).toBe("stand-in");
    for (const binary of ["/built/vault-1", "/built/vault-2"]) {
      expect((await place({ vault: binary }))[1]?.origin).toBe("built");
      expect(readFileSync(executable("vault", "7.8.0"), "utf8")).toContain(`'${binary}'`);
    }
  });

  test("rejects a plugin that is nowhere and names the command that gets it", async () => {
    const { layout, place } = machine();
    rmSync(join(layout.project, "sandbox/plugins/vault"), { recursive: true });
    await expect(place()).rejects.toThrow("pulumi plugin install resource vault v7.8.0");
  });
});

test("the console says in one line which plugins are at work", () => {
  const line = pluginLine([
    { name: "kubernetes", version: "4.34.2", origin: "built" },
    { name: "random", version: "4.21.2", origin: "yours" },
    { name: "tls", version: "5.6.1", origin: "stand-in" },
    { name: "vault", version: "7.8.0", origin: "stand-in" },
  ]);
  expect(line).toMatch(
    /^provider plugins – random 4\.21\.2: yours; kubernetes 4\.34\.2: built here [^;]*; tls 5\.6\.1, vault 7\.8\.0: stand-ins/,
  );
  expect(line).not.toContain("\n");
});
