/**
 * The script that tells Vault of another certificate, run by this machine's shell against processes of its own. That a
 * container may send the signal to its neighbour is proved live.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { reloadScript } from "../../../../../components/vault/certificate/certificate-reload.ts";
import { eventually } from "../../../../support/live-stack.ts";

/** Stands for Vault: counts what it is told, and listens when it is asked to. */
const server = `
  let hangups = 0;
  process.on("SIGHUP", () => console.log("hangup " + ++hangups));
  const listener = require("node:net").createServer();
  process.on("SIGUSR2", () => listener.listen(0, "127.0.0.1", () => console.log("port " + listener.address().port)));
  setInterval(() => undefined, 1000);
  console.log("ready");
`;

interface Running {
  readonly child: ChildProcess;
  said: string;
}

let folder: string;
let command: readonly string[];
let running: Running[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "certificate-reload-"));
  const file = join(folder, "server.cjs");
  writeFileSync(file, server);
  command = [process.execPath, file, "server"];
  running = [];
  put("first");
});

afterEach(() => {
  for (const { child } of running) child.kill("SIGKILL");
  rmSync(folder, { recursive: true });
});

/** As the kubelet does: a new folder, then the link. */
function put(name: string): void {
  mkdirSync(join(folder, name));
  symlinkSync(name, join(folder, "..data_tmp"));
  renameSync(join(folder, "..data_tmp"), join(folder, "..data"));
}

function start([program = "", ...args]: readonly string[]): Running {
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "inherit"] });
  const started: Running = { child, said: "" };
  child.stdout.on("data", (chunk: Buffer) => (started.said += chunk.toString()));
  running.push(started);
  return started;
}

async function says(process: Running, text: string): Promise<void> {
  await eventually(`process ${process.child.pid ?? 0} says ${text}`, () =>
    Promise.resolve(process.said.includes(text)),
  );
}

async function startServer(...flags: string[]): Promise<Running> {
  const started = start([...command, ...flags]);
  await says(started, "ready");
  return started;
}

/** Lets it listen, and tells its port as the kernel writes it. */
async function listen(started: Running): Promise<string> {
  started.child.kill("SIGUSR2");
  await says(started, "port ");
  const port = Number(/port (\d+)/.exec(started.said)?.[1]);
  return port.toString(16).toUpperCase().padStart(4, "0");
}

function watch(port: string): Running {
  return start(["/bin/sh", "-c", reloadScript, "certificate-reload", folder, port, ...command]);
}

test("a server is told when it is found and at each new set of files, and another process never is", async () => {
  const [server, other] = [await startServer(), await startServer("-help")];
  const watcher = watch(await listen(server));
  await says(watcher, join(folder, "first"));
  put("second");
  await says(watcher, join(folder, "second"));
  await says(server, "hangup 2");
  expect(server.said).not.toContain("hangup 3");
  expect(other.said).not.toContain("hangup");
}, 60_000);

test("a server that does not listen is not told, since the signal might end it", async () => {
  const server = await startServer();
  const nobody = "0000";
  const [deaf, watcher] = [watch(nobody), watch(await listen(server))];
  await says(watcher, join(folder, "first"));
  // Both look every two seconds, so the first has had its turn when the second has had another one.
  put("second");
  await says(watcher, join(folder, "second"));
  expect(deaf.said).toBe("");
}, 60_000);
