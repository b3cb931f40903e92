import { execFile, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { parse, stringify } from "yaml";
import { z } from "zod";
import { makeEscrowKeyPair } from "../../scripts/escrow-key.ts";

const run = promisify(execFile);
const repository = join(import.meta.dirname, "..", "..");

/** How a command of the engine ended; output is kept so that tests can search it for what must not be there. */
export interface EngineRun {
  readonly code: number | null;
  readonly output: string;
}

/** A command of the engine under way. */
export interface RunningEngine {
  readonly done: Promise<EngineRun>;
  /** What it printed so far. */
  printed(): string;
  /** Resolves when the engine itself is gone, whatever it left behind. */
  signal(name: "SIGINT" | "SIGKILL"): Promise<void>;
}

/** One deployed resource as the engine remembers it. */
const stateSchema = z.object({
  deployment: z.object({
    resources: z
      .array(
        z.looseObject({
          urn: z.string(),
          type: z.string(),
          id: z.string().optional(),
          outputs: z.record(z.string(), z.unknown()).optional(),
        }),
      )
      .default([]),
  }),
});
export type State = z.infer<typeof stateSchema>["deployment"];

/** A stack of this project on the shared sandbox, with a backend, settings and secrets of its own. */
export class LiveStack {
  /** Everything any command of this stack printed so far. */
  public transcript = "";
  public readonly name: string;
  public readonly namespace: string;
  /** Folder with backend, settings and passphrase, and room for what a test adds. */
  public readonly folder: string;
  /** Folder of Pulumi.yaml. */
  private project: string;
  private environment: NodeJS.ProcessEnv;

  private constructor(
    name: string,
    namespace: string,
    folder: string,
    environment: NodeJS.ProcessEnv,
    project = repository,
  ) {
    this.name = name;
    this.project = project;
    this.namespace = namespace;
    this.folder = folder;
    this.environment = environment;
  }

  /**
   * Makes the stack without deploying anything. The sandbox must be up.
   * @param name Also the namespace unless the settings give another, so that stacks do not meet.
   * @param config Values on top of the tracked file of `ha` for a cluster of servers, of `dev` for others; without the
   * project's prefix.
   * @param secrets Secret values, likewise.
   */
  static async create(
    name: string,
    config: Readonly<Record<string, unknown>>,
    secrets: Readonly<Record<string, string>> = {},
  ): Promise<LiveStack> {
    const { folder, settingsFile, environment } = await ownBackend(name);
    const namespace = typeof config["namespace"] === "string" ? config["namespace"] : name;
    const stack = new LiveStack(name, namespace, folder, environment);
    const shipped = config["server"] === "raft" ? "ha" : "dev";
    const tracked = z
      .object({ config: z.record(z.string(), z.unknown()) })
      .parse(parse(readFileSync(join(repository, `Pulumi.${shipped}.yaml`), "utf8")));
    const values = Object.fromEntries(Object.entries(config).map(([key, value]) => [`vaultstack:${key}`, value]));
    writeFileSync(settingsFile, stringify({ config: { ...tracked.config, "vaultstack:namespace": name, ...values } }));
    await stack.must(["stack", "init", name, "--no-select"]);
    const escrow = await makeEscrowKeyPair(name);
    await stack.setSecret("escrowPrivateKey", escrow.privateKey);
    await stack.must(["config", "set", "--stack", name, "escrowPublicKey", escrow.publicKey]);
    for (const [key, value] of Object.entries(secrets)) await stack.setSecret(key, value);
    return stack;
  }

  /**
   * Makes a stack of a program under test/support, for components that no stack of the project has.
   * @param name Name of the stack, and of its namespace, which the caller makes.
   * @param program File name of the program.
   */
  static async ofProgram(name: string, program: string, config: Readonly<Record<string, unknown>>): Promise<LiveStack> {
    const { folder, settingsFile, environment } = await ownBackend(name);
    const project = join(folder, "project");
    mkdirSync(project);
    // Program and dynamic providers run in the project's folder, where these look for the components.
    for (const part of ["components", "protocol", "node_modules", "package.json", "test"]) {
      symlinkSync(join(repository, part), join(project, part));
    }
    const runtime = { name: "nodejs", options: { typescript: false } };
    writeFileSync(join(project, "Pulumi.yaml"), stringify({ name: "live-program", runtime, main: "main.mjs" }));
    writeFileSync(join(project, "main.mjs"), `export * from "./test/support/${program}";\n`);
    const values = Object.entries(config).map(([key, value]) => [`live-program:${key}`, value]);
    writeFileSync(settingsFile, stringify({ config: Object.fromEntries(values) as object }));
    const stack = new LiveStack(name, name, folder, environment, project);
    await stack.must(["stack", "init", name, "--no-select"]);
    return stack;
  }

  /** Sets a secret setting; the value goes in by standard input. */
  async setSecret(key: string, value: string): Promise<void> {
    await this.must(["config", "set", "--stack", this.name, "--secret", "--path", key], value);
  }

  /** Sets a plain setting. */
  async set(key: string, value: string): Promise<void> {
    // A certificate begins like a flag.
    await this.must(["config", "set", "--stack", this.name, "--path", "--", key, value]);
  }

  /** Sets a setting that is an object, part by part, without what it was before. */
  async setObject(key: string, value: object): Promise<void> {
    await this.unset(key);
    await this.#setParts(key, value);
  }

  async #setParts(key: string, value: object): Promise<void> {
    for (const [part, inner] of Object.entries(value) as [string, unknown][]) {
      if (typeof inner === "object" && inner !== null) await this.#setParts(`${key}.${part}`, inner);
      else await this.set(`${key}.${part}`, String(inner));
    }
  }

  /** Sets the arguments of a program under test/support, in place of what they were before. */
  setArguments(args: object): void {
    const file = join(this.folder, `Pulumi.${this.name}.yaml`);
    const settings = z
      .looseObject({ config: z.record(z.string(), z.unknown()) })
      .parse(parse(readFileSync(file, "utf8")));
    writeFileSync(file, stringify({ ...settings, config: { ...settings.config, "live-program:args": args } }));
  }

  /** Removes a setting. */
  async unset(key: string): Promise<void> {
    await this.must(["config", "rm", "--stack", this.name, "--path", key]);
  }

  /** Previews and then does it, as `npm run up` does. */
  async up(...flags: string[]): Promise<EngineRun> {
    return this.engine(["up", "--stack", this.name, "--yes", ...flags]);
  }

  /**
   * The same without its preview, which is no test of what a person runs: for a run that is to fail at a step, since
   * its preview takes steps too, and for one of a part of the stack, whose preview fails where the rest is not there
   * yet.
   */
  async upAtOnce(...flags: string[]): Promise<EngineRun> {
    return this.startUp(...flags).done;
  }

  async preview(...flags: string[]): Promise<EngineRun> {
    return this.engine(["preview", "--stack", this.name, ...flags]);
  }

  async refresh(...flags: string[]): Promise<EngineRun> {
    return this.engine(["refresh", "--stack", this.name, "--yes", "--run-program", ...flags]);
  }

  /** What a refresh would find, without taking note of it. */
  async previewRefresh(): Promise<EngineRun> {
    return this.engine(["refresh", "--stack", this.name, "--preview-only", "--run-program"]);
  }

  async destroy(...flags: string[]): Promise<EngineRun> {
    return this.engine(["destroy", "--stack", this.name, "--yes", ...flags]);
  }

  /** Takes away the lock of a run that was killed. */
  async cancel(): Promise<void> {
    await this.must(["cancel", "--stack", this.name, "--yes"]);
  }

  /** The three runs that must find nothing to change in a stack that is as it was declared; each fails when it does. */
  async runsWithoutChanges(): Promise<EngineRun[]> {
    const flag = "--expect-no-changes";
    return [await this.up(flag), await this.refresh(flag), await this.preview(flag)];
  }

  /** The stack's outputs; secrets stay masked. */
  async outputs(): Promise<Record<string, unknown>> {
    const { output } = await this.engine(["stack", "output", "--stack", this.name, "--json"]);
    return z.record(z.string(), z.unknown()).parse(JSON.parse(output));
  }

  /** The state as the backend stores it: secrets encrypted. */
  async exportState(): Promise<{ readonly text: string; readonly state: State }> {
    const { stdout } = await run("pulumi", ["stack", "export", "--stack", this.name], {
      cwd: this.project,
      env: this.environment,
      maxBuffer: 64 * 1024 * 1024,
    });
    return { text: stdout, state: stateSchema.parse(JSON.parse(stdout)).deployment };
  }

  /** What only a holder of the passphrase can read: for looking up what must not be found elsewhere. */
  async secretOutputsOf(type: string): Promise<Record<string, unknown>> {
    const { stdout } = await run("pulumi", ["stack", "export", "--stack", this.name, "--show-secrets"], {
      cwd: this.project,
      env: this.environment,
      maxBuffer: 64 * 1024 * 1024,
    });
    const { resources } = stateSchema.parse(JSON.parse(stdout)).deployment;
    const found = resources.find((resource) => resource.type === type);
    if (found?.outputs === undefined) throw new Error(`no resource of type ${type} in the state of ${this.name}`);
    return found.outputs;
  }

  /** The value of a secret setting, for its owner. */
  async secretSetting(key: string): Promise<string> {
    const { stdout } = await run("pulumi", ["config", "get", "--stack", this.name, key], {
      cwd: this.project,
      env: this.environment,
    });
    return stdout.trimEnd();
  }

  /** Makes the engine forget one resource, which stays where it is. */
  async deleteFromState(urn: string): Promise<void> {
    await this.must(["state", "delete", "--stack", this.name, "--yes", "--force", "--target-dependents", urn]);
  }

  /** Loses the whole state, as when a backend is lost; the settings and their secrets stay, as they are versioned. */
  async loseState(): Promise<void> {
    await this.must(["stack", "rm", this.name, "--yes", "--force", "--preserve-config"]);
    await this.must(["stack", "init", this.name, "--no-select"]);
  }

  /** File with what the secrets of state and settings are encrypted with. */
  get passphraseFile(): string {
    return join(this.folder, "passphrase");
  }

  /** The environment a person has who runs kubectl, vault and pulumi for this stack. */
  environmentOfCommands(): NodeJS.ProcessEnv {
    return this.environment;
  }

  /** Puts this process into the stack's environment, for code that runs kubectl and vault by itself. */
  enter(): void {
    Object.assign(process.env, this.environment);
  }

  /** Runs kubectl on the sandbox and returns what it printed. */
  async kubectl(...args: string[]): Promise<string> {
    return this.kubectlWithInput("", ...args);
  }

  /** The same with something on standard input. */
  async kubectlWithInput(input: string, ...args: string[]): Promise<string> {
    const running = run("kubectl", args, { env: this.environment, maxBuffer: 64 * 1024 * 1024 });
    running.child.stdin?.end(input);
    return (await running).stdout;
  }

  /** Runs something in an environment that a person or a CI runner may well have. */
  async withEnvironment<Result>(
    variables: Readonly<Record<string, string>>,
    work: () => Promise<Result>,
  ): Promise<Result> {
    const before = this.environment;
    this.environment = { ...before, ...variables };
    try {
      return await work();
    } finally {
      this.environment = before;
    }
  }

  /** Runs something with the program of another folder. */
  async withProject<Result>(folder: string, work: () => Promise<Result>): Promise<Result> {
    this.project = folder;
    try {
      return await work();
    } finally {
      this.project = repository;
    }
  }

  /** Runs a line of shell the way its operator would, in the project's folder. */
  async shell(line: string): Promise<EngineRun> {
    return this.launch("bash", ["-c", line], "").done;
  }

  /** Puts a state in the place of the present one, as `pulumi stack export` wrote it. */
  async importState(text: string): Promise<void> {
    await this.must(["stack", "import", "--stack", this.name], text);
  }

  /** Removes the folder with backend, settings and passphrase. */
  forget(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  /**
   * Runs the engine in the project's folder. A failing command is a result, not an exception: many tests expect one.
   */
  async engine(args: readonly string[], input = ""): Promise<EngineRun> {
    return this.start(args, input).done;
  }

  /** The same, not waited for. */
  start(args: readonly string[], input = ""): RunningEngine {
    // As the npm scripts do: the program learns in no other way that its preview refreshes.
    const told = args.includes("--refresh") ? { PULUMI_OPTION_REFRESH: "true" } : {};
    return this.launch("pulumi", ["--non-interactive", "--color", "never", ...args], input, told);
  }

  private launch(
    program: string,
    args: readonly string[],
    input: string,
    variables: Readonly<Record<string, string>> = {},
  ): RunningEngine {
    const child = spawn(program, args, { cwd: this.project, env: { ...this.environment, ...variables } });
    const gone = once(child, "exit");
    let output = "";
    const done = new Promise<EngineRun>((resolve, reject) => {
      child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
      child.stderr.on("data", (chunk: Buffer) => (output += chunk.toString()));
      child.on("error", reject);
      child.on("close", (code) => {
        this.transcript += output;
        resolve({ code, output });
      });
      child.stdin.end(input);
    });
    return {
      done,
      printed: () => output,
      signal: async (name) => {
        child.kill(name);
        await gone;
      },
    };
  }

  /** Runs one of the project's scripts for this stack, as its npm script would. */
  async runScript(file: string, ...args: readonly string[]): Promise<EngineRun> {
    const running = run(process.execPath, [file, this.name, ...args], { cwd: repository, env: this.environment });
    return running.then(
      ({ stdout, stderr }) => ({ code: 0, output: stdout + stderr }),
      (error: unknown) => ({ code: 1, output: error instanceof Error ? error.message : String(error) }),
    );
  }

  /** Starts an `up` without waiting for it, and without its preview, so that a test can end it at a moment it knows. */
  startUp(...flags: string[]): RunningEngine {
    return this.start(["up", "--stack", this.name, "--yes", "--skip-preview", ...flags]);
  }

  /** Every process of this stack's commands that is alive: the engine, its plugins, the program. */
  processes(): { readonly pid: number; readonly command: string }[] {
    return readdirSync("/proc").flatMap((entry) => {
      try {
        if (!/^\d+$/.test(entry) || !readFileSync(`/proc/${entry}/environ`, "utf8").includes(this.folder)) return [];
        const command = readFileSync(`/proc/${entry}/cmdline`, "utf8").replaceAll("\0", " ").trim();
        return command === "" ? [] : [{ pid: Number(entry), command }];
      } catch {
        // It ended while it was looked at.
        return [];
      }
    });
  }

  private async must(args: readonly string[], input = ""): Promise<void> {
    const { code, output } = await this.engine(args, input);
    if (code !== 0) throw new Error(`pulumi ${args[0] ?? ""} ${args[1] ?? ""} failed:\n${output}`);
  }
}

/** A folder with a backend, a passphrase and room for settings, and the sandbox's environment with these in it. */
async function ownBackend(
  name: string,
): Promise<{ folder: string; settingsFile: string; environment: NodeJS.ProcessEnv }> {
  // Where the runner of all suites finds the stacks that one of them has left behind.
  const place = process.env["VAULTSTACK_TEST_STACKS"] ?? tmpdir();
  const folder = mkdtempSync(join(place, `vaultstack-live-${name}-`));
  mkdirSync(join(folder, "backend"));
  writeFileSync(join(folder, "passphrase"), randomBytes(24).toString("base64url"), { mode: 0o600 });
  const settingsFile = join(folder, `Pulumi.${name}.yaml`);
  const { stdout } = await run(process.execPath, ["scripts/sandbox.ts", "env", "--json"], { cwd: repository });
  const sandbox = z.record(z.string(), z.string()).parse(JSON.parse(stdout));
  const own = Object.entries(process.env).filter(([key]) => !/^(VAULT|PULUMI|KUBE)/.test(key));
  const environment = {
    ...Object.fromEntries(own),
    ...sandbox,
    PULUMI_BACKEND_URL: `file://${join(folder, "backend")}`,
    PULUMI_CONFIG_PASSPHRASE_FILE: join(folder, "passphrase"),
    PULUMI_OPTION_STACK: "",
    PULUMI_OPTION_CONFIG_FILE: settingsFile,
  };
  return { folder, settingsFile, environment };
}

/** Waits until a condition holds; polls, because the cluster tells nobody when it is done. */
export async function eventually(what: string, condition: () => Promise<boolean>, seconds = 60): Promise<void> {
  const deadline = Date.now() + seconds * 1000;
  while (!(await condition().catch(() => false))) {
    if (Date.now() > deadline) throw new Error(`${what}: did not happen within ${seconds} s`);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}
