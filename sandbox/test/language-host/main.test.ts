import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Client, credentials, type ServiceError } from "@grpc/grpc-js";
import languageGrpc from "@pulumi/pulumi/proto/language_grpc_pb.js";
import languageMessages from "@pulumi/pulumi/proto/language_pb.js";
import type { ILanguageRuntimeClient } from "@pulumi/pulumi/proto/language_grpc_pb.js";
import type {
  AboutResponse,
  GetRequiredPackagesResponse,
  GetRequiredPluginsResponse,
  LanguageHandshakeResponse,
  RunResponse,
  RuntimeOptionsResponse,
} from "@pulumi/pulumi/proto/language_pb.js";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";

import { temporaryFolder } from "../support/temporary-folder.ts";

const repository = join(import.meta.dirname, "..", "..", "..");

// What these tests do not prove: that the engine is content with the answers; the live tests run it.
describe("the language host as the engine starts it", () => {
  let host: ChildProcess;
  let client: ILanguageRuntimeClient & Client;
  let output = "";

  beforeAll(async () => {
    // The engine puts logging flags before its address.
    host = spawn(process.execPath, [join(repository, "sandbox/language-host/main.ts"), "--logtostderr", "127.0.0.1:9"]);
    host.stdout?.on("data", (chunk: Buffer) => (output += chunk.toString()));
    await vi.waitUntil(() => output.includes("\n"), { timeout: 20_000 });
    const port = output.slice(0, output.indexOf("\n"));
    expect(port).toMatch(/^\d+$/);
    client = new languageGrpc.LanguageRuntimeClient(`127.0.0.1:${port}`, credentials.createInsecure());
  }, 30_000);

  afterAll(() => {
    client.close();
    host.kill();
  });

  test("answers what the engine asks before a run", async () => {
    const info = programIn(repository);
    const packages = await answer<GetRequiredPackagesResponse>((done) =>
      client.getRequiredPackages(new languageMessages.GetRequiredPackagesRequest().setInfo(info), done),
    );
    expect(packages.getPackagesList().map((one) => `${one.getKind()} ${one.getName()}`)).toContain("resource vault");
    await answer<LanguageHandshakeResponse>((done) =>
      client.handshake(new languageMessages.LanguageHandshakeRequest(), done),
    );
    const about = await answer<AboutResponse>((done) => client.about(new languageMessages.AboutRequest(), done));
    expect(about.getVersion()).toBe(process.version);
    const prompts = await answer<RuntimeOptionsResponse>((done) =>
      client.runtimeOptionsPrompts(new languageMessages.RuntimeOptionsRequest(), done),
    );
    expect(prompts.getPromptsList()).toEqual([]);
  });

  test("an older engine gets the same plugins by the older call", async () => {
    const info = programIn(repository);
    const plugins = await answer<GetRequiredPluginsResponse>((done) =>
      client.getRequiredPlugins(new languageMessages.GetRequiredPluginsRequest().setInfo(info), done),
    );
    expect(plugins.getPluginsList().map((one) => one.getName())).toContain("kubernetes");
  });

  test("a question about a folder that is no program is an error that says why", async () => {
    const folder = temporaryFolder();
    const request = new languageMessages.GetRequiredPackagesRequest().setInfo(programIn(folder));
    const asked = answer<GetRequiredPackagesResponse>((done) => client.getRequiredPackages(request, done));
    await expect(asked).rejects.toThrow("must hold a package.json");
  });

  test("a program that ends well is a run without error, its config in the environment", async () => {
    const folder = programFolder(
      `require("node:fs").writeFileSync("seen.json", JSON.stringify({ argv: process.argv.slice(2), config: process.env.PULUMI_CONFIG }));`,
    );
    const request = runRequest(folder);
    request.getConfigMap().set("vaultstack:namespace", "vault");
    const response = await run(request);
    expect([response.getError(), response.getBail()]).toEqual(["", false]);
    const seen = JSON.parse(readFileSync(join(folder, "seen.json"), "utf8")) as { argv: string[]; config: string };
    expect(seen.argv).toEqual(expect.arrayContaining(["--monitor=127.0.0.1:8", "--engine=127.0.0.1:9", "index.ts"]));
    expect(JSON.parse(seen.config)).toEqual({ "vaultstack:namespace": "vault" });
  });

  test("exit code 32 means that the program has said why: the engine is to add nothing", async () => {
    const response = await run(runRequest(programFolder("process.exit(32);")));
    expect([response.getError(), response.getBail()]).toEqual(["", true]);
  });

  test("any other exit code is an error, so that the engine deletes nothing", async () => {
    const response = await run(runRequest(programFolder("process.exit(3);")));
    expect(response.getError()).toContain("exited with code 3");
    expect(response.getBail()).toBe(false);
  });

  test("a killed program is an error", async () => {
    const response = await run(runRequest(programFolder(`process.kill(process.pid, "SIGKILL");`)));
    expect(response.getError()).toContain("was stopped by SIGKILL");
  });

  test("what a program prints reaches the engine by the host's own output", async () => {
    await run(runRequest(programFolder(`console.log("a line of the program");`)));
    await vi.waitUntil(() => output.includes("a line of the program"));
  });

  test("a run the engine gives up on takes the program with it", async () => {
    const folder = programFolder(
      `require("node:fs").writeFileSync("pid", String(process.pid)); setInterval(() => undefined, 1000);`,
    );
    const pending = client.run(runRequest(folder), () => undefined);
    await vi.waitUntil(() => existsSync(join(folder, "pid")) && readFileSync(join(folder, "pid"), "utf8") !== "");
    const pid = Number(readFileSync(join(folder, "pid"), "utf8"));
    pending.cancel();
    await vi.waitUntil(() => !isRunning(pid), { timeout: 5000 });
  });

  function run(request: InstanceType<typeof languageMessages.RunRequest>): Promise<RunResponse> {
    return answer<RunResponse>((done) => client.run(request, done));
  }
});

function programIn(folder: string) {
  return new languageMessages.ProgramInfo()
    .setRootDirectory(folder)
    .setProgramDirectory(folder)
    .setEntryPoint("index.ts");
}

/** A program folder whose "SDK" is the given script, so that no engine is needed. */
function programFolder(script: string): string {
  return temporaryFolder({ "node_modules/@pulumi/pulumi/cmd/run/index.js": script, "package.json": "{}" });
}

function runRequest(folder: string) {
  return new languageMessages.RunRequest()
    .setInfo(programIn(folder))
    .setPwd(folder)
    .setProject("vaultstack")
    .setStack("dev")
    .setMonitorAddress("127.0.0.1:8");
}

function answer<Response>(
  ask: (done: (error: ServiceError | null, response: Response) => void) => unknown,
): Promise<Response> {
  return new Promise((resolve, reject) => {
    ask((error, response) => {
      if (error) reject(error);
      else resolve(response);
    });
  });
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
