import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** How a command of a person ended. */
export interface CommandRun {
  readonly command: string;
  readonly code: number;
  readonly stdout: string;
  /** Both streams, as they came. */
  readonly output: string;
  readonly seconds: number;
}

/** How a command is given. */
export interface CommandOptions {
  /** What it reads. @default - nothing */
  readonly answer?: string;
  /** A command that takes longer hangs. @default 600 */
  readonly limitSeconds?: number;
}

/** What a test runner has in its environment and a person has not. */
const ofTheRunner =
  /^(VAULT|PULUMI|KUBE|npm_|VITEST|VAULTSTACK_TEST)|^(NODE|NODE_ENV|NODE_OPTIONS|NODE_PATH|INIT_CWD|TEST|DEV|PROD|MODE|SSR|BASE_URL|FORCE_COLOR)$/;

/**
 * A shell that a person has open: what one command exports, the next one sees. It does not prove anything about a
 * terminal: nobody is asked.
 */
export class PersonShell {
  /** All that was printed. */
  transcript = "";
  readonly #folder = mkdtempSync(join(tmpdir(), "vaultstack-shell-"));
  readonly #bash: ChildProcess;
  readonly #streams = { stdout: "", stderr: "" };
  #merged = "";
  #count = 0;
  #last: Promise<unknown> = Promise.resolve();
  #changed: () => void = () => undefined;

  /** @param variables What the person has set before. */
  constructor(folder: string, variables: Readonly<Record<string, string>> = {}) {
    const own = Object.entries(process.env).filter(([name]) => !ofTheRunner.test(name));
    const env = { ...Object.fromEntries(own), ...variables };
    this.#bash = spawn("bash", ["--noprofile", "--norc"], { cwd: folder, env, detached: true });
    for (const name of ["stdout", "stderr"] as const) {
      this.#bash[name]?.setEncoding("utf8").on("data", (text: string) => {
        this.#streams[name] += text;
        this.#merged += text;
        this.#changed();
      });
    }
    this.#bash.on("exit", () => {
      this.#changed();
    });
  }

  /** Runs one command, however it ends, after those it was given before. */
  async run(command: string, options: CommandOptions = {}): Promise<CommandRun> {
    const run = this.#last.then(() => this.#start(command, options));
    this.#last = run.catch(() => undefined);
    return run;
  }

  async #start(command: string, { answer = "", limitSeconds = 600 }: CommandOptions): Promise<CommandRun> {
    this.#count += 1;
    const end = `-- command ${this.#count} of this shell ended --`;
    const input = join(this.#folder, "answer");
    writeFileSync(input, answer);
    this.#streams.stdout = "";
    this.#streams.stderr = "";
    this.#merged = "";
    const begun = performance.now();
    // A group, unlike a pipe, runs in this shell.
    const told = `printf '%s %s\\n' '${end}' "$ended"`;
    this.#bash.stdin?.write(`{ ${command}\n} < '${input}'\nended=$?; ${told}; ${told} >&2\n`);
    await this.#ended(command, end, limitSeconds);
    const seconds = (performance.now() - begun) / 1000;
    const code = Number(new RegExp(`${end} (\\d+)`).exec(this.#streams.stdout)?.[1]);
    const without = (text: string): string => text.replaceAll(new RegExp(`${end} \\d+\\n`, "g"), "");
    const output = without(this.#merged);
    this.transcript += output;
    return { command, code, stdout: without(this.#streams.stdout), output, seconds };
  }

  /** Ends it and whatever it has started. */
  close(): void {
    this.#kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #ended(command: string, end: string, limitSeconds: number): Promise<void> {
    const isOver = (): boolean => Object.values(this.#streams).every((text) => text.includes(end));
    await new Promise<void>((resolve, reject) => {
      const limit = setTimeout(() => {
        this.#kill();
        reject(new Error(`${command}: did not end within ${limitSeconds} s, and printed\n${this.#merged}`));
      }, limitSeconds * 1000);
      this.#changed = () => {
        if (!isOver() && this.#bash.exitCode === null) return;
        clearTimeout(limit);
        if (isOver()) resolve();
        else reject(new Error(`${command}: the shell ended, and printed\n${this.#merged}`));
      };
    });
  }

  #kill(): void {
    try {
      // The group, since a command that hangs is a child.
      if (this.#bash.pid !== undefined) process.kill(-this.#bash.pid, "SIGKILL");
    } catch {
      // It has ended.
    }
  }
}
