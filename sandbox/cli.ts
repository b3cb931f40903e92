import { existsSync, readdirSync, readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { bringUp } from "./cluster/bring-up.ts";
import { withLock } from "./cluster/lock.ts";
import { withoutProxy } from "./cluster/network.ts";
import { logFile } from "./cluster/processes.ts";
import { clusterStatus, renderStatus } from "./cluster/status.ts";
import { findLeftovers, removeOrphan, tearDown } from "./cluster/tear-down.ts";
import { environment, prepareEngine, shellVault, stackExtras, unwantedVariables } from "./engine/index.ts";
import { extras, partsOf, type Extra } from "./extras.ts";
import { SandboxError } from "./faults.ts";
import { cacheDirectory, kubeconfigFile, logDirectory } from "./paths.ts";
import { requireBuilder, requireHost, requirePlatform } from "./prerequisites.ts";
import { report } from "./progress.ts";
import type { Project } from "./project.ts";
import { operatorChart } from "./toolchain/operator-chart.ts";
import { buildTools } from "./toolchain/build.ts";
import { removeEarlierBuilds, toolBinary, toolDirectory, type GoIdentity } from "./toolchain/tool-cache.ts";
import { tools, type ToolName } from "./toolchain/tools.ts";
import { fetchWheels, wheelDirectory, wheels } from "./toolchain/wheels.ts";

const usage = `usage: npm run sandbox -- <command>

  up [--stack <stack>] [--with <extra>] [--json]
               starts a real Kubernetes cluster on this machine, or repairs the one that is there, with what the
               stack's settings need besides; the one extra is gateway, a gateway for TLS passthrough. With --json it
               prints what \`env --json\` does
  build [--stack <stack>] [--with <extra>]
               only builds the tools that \`up\` would build first; needs no cluster and starts none
  down         removes it with all its data; built tools stay in ${cacheDirectory}
  status       shows its parts; exits with 0 only when all are healthy
  env [--stack <stack>] [--json]
               prints what a shell needs to use it: eval "$(npm run --silent sandbox -- env)"; that is for the stack
               that is up, and lets \`vault status\` answer. As JSON it is what the engine needs, without Vault
  logs <part>  prints the log of one part`;

type Command = (args: readonly string[], project: Project) => Promise<number>;

const commands: Readonly<Record<string, Command>> = { up, build, down, status, env, logs };

async function up(args: readonly string[], project: Project): Promise<number> {
  const options = readOptions(args);
  const { stack = project.stacks[0] } = options;
  const wanted = wantedExtras(options, project);
  return withLock("up", async () => {
    const go = await requireHost(toolNames(wanted), wanted);
    await obtainPrograms(wanted, go);
    await removeOrphan();
    const executables = {
      pulumi: toolBinary("pulumi", go),
      vault: toolBinary("vault", go),
      // The binary is every Kubernetes program; which one is decided by the name it is called by.
      kubectl: toolBinary("kubernetes", go),
    };
    const plugins = { kubernetes: toolBinary("kubernetes-plugin", go) };
    // The engine needs nothing of the cluster before its first run.
    const outcomes = await Promise.allSettled([
      bringUp(go, wanted),
      prepareEngine(executables, plugins, stack, operatorChart(go), project),
    ]);
    for (const outcome of outcomes) if (outcome.status === "rejected") throw outcome.reason;
    // Only now does nothing of the sandbox run from them any more.
    removeEarlierBuilds([...tools.map((tool) => toolDirectory(tool, go)), ...wheels.map(wheelDirectory)]);
    report(`the sandbox is up; for a shell with everything set: eval "$(npm run --silent sandbox -- env)"`);
    if (options.json) console.log(engineVariables(stack));
    return 0;
  });
}

async function build(args: readonly string[], project: Project): Promise<number> {
  const wanted = wantedExtras(readOptions(args), project);
  return withLock("build", async () => {
    await obtainPrograms(wanted, await requireBuilder(toolNames(wanted)));
    report(`the tools are built, in ${cacheDirectory}`);
    return 0;
  });
}

function toolNames(wanted: readonly Extra[]): ToolName[] {
  return partsOf(wanted, tools).map(({ name }) => name);
}

async function obtainPrograms(wanted: readonly Extra[], go: GoIdentity): Promise<void> {
  await fetchWheels(wanted);
  await buildTools(toolNames(wanted), go);
}

async function down(): Promise<number> {
  requirePlatform();
  return withLock("down", async () => {
    await tearDown();
    const leftovers = await findLeftovers();
    if (leftovers.length > 0) throw new SandboxError(leftovers.map((line) => `down: must leave nothing, got ${line}`));
    report(`the sandbox is gone; built tools stay in ${cacheDirectory} and may be deleted`);
    return 0;
  });
}

async function status(): Promise<number> {
  const parts = await clusterStatus();
  console.log(renderStatus(parts));
  return parts.length > 0 && parts.every(({ fault }) => fault === undefined) ? 0 : 1;
}

function env(args: readonly string[], project: Project): Promise<number> {
  const { stack, json } = readOptions(args);
  const [first] = project.stacks;
  if (!existsSync(kubeconfigFile)) {
    throw new SandboxError(["sandbox: must be up to be used, got none; start it with `npm run sandbox -- up`"]);
  }
  if (json) {
    console.log(engineVariables(stack ?? first));
    return Promise.resolve(0);
  }
  const vault = shellVault(project, stack);
  // Standard output is for the shell that evaluates it.
  if ("reason" in vault) console.error(`VAULT_ADDR is not set: ${vault.reason}`);
  const [meant, ofVault] = "reason" in vault ? [stack ?? first, {}] : [vault.stack, vault.variables];
  console.log(renderExports({ ...clusterVariables(), ...environment(meant), ...ofVault }));
  return Promise.resolve(0);
}

const clusterVariables = (): Readonly<Record<string, string>> => ({ KUBECONFIG: kubeconfigFile, ...withoutProxy() });

/** What a run of the engine needs, as JSON. */
function engineVariables(stack: string): string {
  return JSON.stringify({ ...clusterVariables(), ...environment(stack) }, undefined, 2);
}

function renderExports(variables: Readonly<Record<string, string>>): string {
  const quoted = Object.entries(variables).map(([name, value]) => `export ${name}='${value.replaceAll("'", "'\\''")}'`);
  return [`unset ${unwantedVariables.join(" ")}`, ...quoted].join("\n");
}

function logs([part]: readonly string[]): Promise<number> {
  const known = existsSync(logDirectory) ? readdirSync(logDirectory).filter((name) => name.endsWith(".log")) : [];
  if (part === undefined || !known.includes(`${part}.log`)) {
    const names = known.map((name) => name.replace(/\.log$/, "")).join(", ") || "no log at all";
    throw new SandboxError([`part: must be one that has a log, got ${part ?? "none"}; there is ${names}`]);
  }
  process.stdout.write(readFileSync(logFile(part)));
  return Promise.resolve(0);
}

/** What `up`, `build` and `env` can be told. */
const options = {
  stack: { type: "string" },
  with: { type: "string", multiple: true },
  json: { type: "boolean", default: false },
} as const;

/** What was called for; the values of `with` are checked where they are used. */
interface Options {
  readonly stack?: string;
  readonly with: readonly string[];
  readonly json: boolean;
}

function wantedExtras(options: Options, project: Project): Extra[] {
  const unknown = options.with.filter((name) => !extras.some((extra) => extra === name));
  if (unknown.length > 0) {
    throw new SandboxError([`--with: must be ${extras.join(" or ")}, got ${unknown.join(", ")}; name one that exists`]);
  }
  const needed = stackExtras(project, options.stack ?? project.stacks[0]);
  return extras.filter((extra) => options.with.includes(extra) || needed.includes(extra));
}

function readOptions(args: readonly string[]): Options {
  try {
    const { values } = parseArgs({ args: [...args], options });
    return { ...values, with: values.with ?? [] };
  } catch (error) {
    throw new SandboxError([`arguments: ${error instanceof Error ? error.message : String(error)}`], { cause: error });
  }
}

/**
 * Carries out one command of the sandbox's command line.
 * @param project The project whose stacks it runs.
 */
export async function runSandbox([name, ...args]: readonly string[], project: Project): Promise<number> {
  const command = name === undefined ? undefined : commands[name];
  if (command === undefined) {
    console.error(usage);
    return name === undefined || name === "help" ? 0 : 2;
  }
  try {
    return await command(args, project);
  } catch (error) {
    if (!(error instanceof SandboxError)) throw error;
    console.error(error.faults.map((fault) => `error: ${fault}`).join("\n"));
    return 1;
  }
}
