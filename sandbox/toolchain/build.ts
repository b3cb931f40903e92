import { cp, mkdir, rename, rm } from "node:fs/promises";
import path from "node:path";
import { run } from "../command.ts";
import { SandboxError } from "../faults.ts";
import { report, step } from "../progress.ts";
import { missingTools, toolDirectory, type GoIdentity } from "./tool-cache.ts";
import { tools, type Tool, type ToolName } from "./tools.ts";

/** More at once gains nothing on few cores and needs gigabytes of memory for each linker. */
const buildsAtOnce = 2;

/** How often a running build says that it is alive, in milliseconds. */
const heartbeat = 20_000;

/**
 * Builds the tools that are not in the cache yet. Interrupted builds go on where they were, thanks to Go's own cache.
 * @throws SandboxError with the compiler's last lines when a build fails; builds that were done by then are kept.
 */
export async function buildTools(names: readonly ToolName[], go: GoIdentity): Promise<void> {
  const missing = missingTools(names, go);
  const queue = tools.filter((tool) => missing.includes(tool.name));
  if (queue.length === 0) return;
  report(
    `building ${queue.map((tool) => tool.name).join(", ")}: once on this machine; from nothing half an hour to an hour on two cores`,
  );
  const lanes = Array.from({ length: buildsAtOnce }, async () => {
    for (let tool = queue.shift(); tool !== undefined; tool = queue.shift()) await build(tool, go);
  });
  const outcomes = await Promise.allSettled(lanes);
  for (const outcome of outcomes) if (outcome.status === "rejected") throw outcome.reason;
}

async function build(tool: Tool, go: GoIdentity): Promise<void> {
  const destination = toolDirectory(tool, go);
  const unfinished = `${destination}.unfinished`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { recursive: true });
  try {
    await step(`build ${tool.name}`, () => compile(tool, path.join(unfinished, tool.name)));
    if (tool.keep !== undefined) await keep(tool, tool.keep, unfinished);
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    throw new SandboxError(
      [`build ${tool.name}: must succeed, got the following; repeat the command, it goes on where it stopped\n${said}`],
      { cause: error },
    );
  }
  // The folder appears under its name only when it is complete.
  await rename(unfinished, destination);
}

async function keep(tool: Tool, folder: string, destination: string): Promise<void> {
  const module = await run(["go", "list", "-f", "{{.Module.Dir}}", tool.keepFrom ?? tool.package], {
    cwd: tool.directory,
    env: goEnvironment(),
  });
  const source = path.join(module.trim(), folder);
  const target = path.join(destination, path.basename(folder));
  await cp(source, target, { recursive: true });
}

async function compile(tool: Tool, output: string): Promise<void> {
  const stamps = Object.entries(tool.stamps).map(([variable, value]) => `-X ${variable}=${value}`);
  const flags = ["-trimpath", "-buildvcs=false", "-v", "-ldflags", ["-s -w", ...stamps].join(" "), "-o", output];
  const begun = performance.now();
  let downloads = 0;
  let packages = 0;
  const alive = setInterval(() => {
    const elapsed = Math.round((performance.now() - begun) / 1000);
    report(`build ${tool.name} … ${elapsed}s, ${downloads} modules downloaded, ${packages} packages compiled`);
  }, heartbeat);
  try {
    await run(["go", "build", ...flags, tool.package], {
      cwd: tool.directory,
      env: goEnvironment(),
      onErrorLine: (line) => {
        if (line.startsWith("go: downloading ")) downloads += 1;
        // The name of a package; errors and warnings are sentences.
        else if (!line.includes(" ")) packages += 1;
      },
    });
  } finally {
    clearInterval(alive);
  }
}

function goEnvironment(): NodeJS.ProcessEnv {
  return { ...process.env, CGO_ENABLED: "0", GOFLAGS: "-mod=readonly", GOWORK: "off" };
}
