import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";

import { nodeWrapper, placeExecutables, placeLink, placeScript } from "../../engine/executables.ts";
import { engineLayout } from "../../engine/layout.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

function placed() {
  const folder = temporaryFolder({ "tools/pulumi": "engine 1", "tools/kubectl": "kubectl" });
  const layout = engineLayout(join(folder, "project"), join(folder, "state"));
  mkdirSync(layout.bin, { recursive: true });
  const tools = { pulumi: join(folder, "tools/pulumi"), kubectl: join(folder, "tools/kubectl") };
  placeExecutables(layout, tools);
  return { folder, layout, tools };
}

test("the engine is a real file beside its language host, or it would warn about it", () => {
  const { layout } = placed();
  expect(lstatSync(join(layout.bin, "pulumi")).isFile()).toBe(true);
  expect(lstatSync(join(layout.bin, "pulumi-language-nodejs")).isFile()).toBe(true);
});

test("another engine replaces the one in place, even an older one of the same size", () => {
  const { layout, tools } = placed();
  const earlier = new Date(Date.now() - 10_000);
  writeFileSync(`${tools.pulumi}-0`, "engine 0");
  utimesSync(`${tools.pulumi}-0`, earlier, earlier);
  placeExecutables(layout, { ...tools, pulumi: `${tools.pulumi}-0` });
  expect(readFileSync(join(layout.bin, "pulumi"), "utf8")).toBe("engine 0");
});

test("placing the same engine again leaves the file alone", () => {
  const { layout, tools } = placed();
  const before = statSync(join(layout.bin, "pulumi")).ctimeMs;
  placeExecutables(layout, tools);
  expect(statSync(join(layout.bin, "pulumi")).ctimeMs).toBe(before);
});

test("other tools and the pinned Node are links by their names", () => {
  const { layout, tools } = placed();
  expect(readlinkSync(join(layout.bin, "kubectl"))).toBe(tools.kubectl);
  expect(readlinkSync(join(layout.bin, "node"))).toBe(join(layout.project, "node_modules", ".bin", "node"));
});

test("a link that leads elsewhere is put right", () => {
  const folder = temporaryFolder();
  placeLink("/one", join(folder, "link"));
  placeLink("/two", join(folder, "link"));
  expect(readlinkSync(join(folder, "link"))).toBe("/two");
});

test("a script already in place is not written again, since an engine may be reading it", () => {
  const path = join(temporaryFolder(), "script");
  placeScript(path, "#!/bin/sh\n");
  chmodSync(path, 0o700);
  placeScript(path, "#!/bin/sh\n");
  expect(statSync(path).mode & 0o777).toBe(0o700);
});

test("a wrapper runs its file with its Node from paths with spaces and quotes, and passes arguments on", () => {
  const folder = join(temporaryFolder(), "it's a folder");
  mkdirSync(folder);
  writeFileSync(join(folder, "main.js"), "console.log(process.argv.slice(2).join('|'))");
  placeScript(join(folder, "wrapper"), nodeWrapper(process.execPath, join(folder, "main.js")));
  expect(execFileSync(join(folder, "wrapper"), ["a b", "$c"], { encoding: "utf8" })).toBe("a b|$c\n");
});

test("what the engine interrupts ends in order, so that its compiled code is kept", async () => {
  const folder = temporaryFolder({ "main.js": "process.stdout.write('ready'); setInterval(() => {}, 1000);" });
  const wrapper = join(folder, "wrapper");
  placeScript(
    wrapper,
    nodeWrapper(process.execPath, join(folder, "main.js"), { before: resolve("sandbox/engine/end-with-engine.ts") }),
  );
  const child = spawn(wrapper, { env: { ...process.env, NODE_COMPILE_CACHE: join(folder, "compiled") } });
  child.stdout.once("data", () => child.kill("SIGINT"));
  expect(await once(child, "exit")).toEqual([0, null]);
  expect(readdirSync(join(folder, "compiled"))).toHaveLength(1);
});

test("what an engine leaves behind when it is killed finishes its work and ends", async () => {
  const folder = temporaryFolder({
    "main.js": `
      require("node:net").createServer().listen(0, "127.0.0.1", () => process.stdout.write("ready"));
      setTimeout(() => require("node:fs").writeFileSync(__dirname + "/done", ""), 1500);
    `,
  });
  const wrapper = join(folder, "wrapper");
  placeScript(
    wrapper,
    nodeWrapper(process.execPath, join(folder, "main.js"), { before: resolve("sandbox/engine/end-with-engine.ts") }),
  );
  // An engine that starts the program and waits for it.
  const engine = spawn("sh", ["-c", `"${wrapper}" & wait`]);
  await once(engine.stdout, "data");
  engine.kill("SIGKILL");
  // Its console closes with the program, which inherited it.
  await once(engine, "close");
  expect(readdirSync(folder)).toContain("done");
}, 20_000);
