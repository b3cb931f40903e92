import { spawn } from "node:child_process";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

/** How to run a program of the machine. */
export interface CommandOptions {
  /** Folder to run in. @default - the caller's */
  readonly cwd?: string;
  /** The whole environment. @default - the caller's */
  readonly env?: NodeJS.ProcessEnv;
  /** What the program reads on standard input. @default - nothing */
  readonly input?: string | Readable;
  /** Called with each line the program writes to standard error, as it comes. */
  readonly onErrorLine?: (line: string) => void;
}

/** How a program ended. */
export interface CommandResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a program, without a shell, to its end.
 * @param argv Program and arguments; never a secret, since any user of the machine can read them.
 * @param options Folder, environment, input.
 * @returns Standard output.
 * @throws Error with the end of the program's standard error when it does not exit with 0.
 */
export async function run(argv: readonly [string, ...string[]], options: CommandOptions = {}): Promise<string> {
  const result = await attempt(argv, options);
  if (result.code !== 0) {
    const said = result.stderr.trim().split("\n").slice(-12).join("\n");
    throw new Error(`${argv.join(" ")}: exited with ${result.code ?? "a signal"}\n${said}`);
  }
  return result.stdout;
}

/**
 * Like `run`, for programs whose failure is an answer.
 * @param argv Program and arguments.
 * @param options Folder, environment, input.
 * @returns Exit code and output; the code is null when the program was killed.
 * @throws Error only when the program cannot be started.
 */
export async function attempt(
  argv: readonly [string, ...string[]],
  options: CommandOptions = {},
): Promise<CommandResult> {
  const [program, ...args] = argv;
  const child = spawn(program, args, { cwd: options.cwd, env: options.env, stdio: ["pipe", "pipe", "pipe"] });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
    if (options.onErrorLine !== undefined) text.split("\n").filter(Boolean).forEach(options.onErrorLine);
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  const fed = feed(options.input, child.stdin);
  const code = await ended;
  await fed;
  return { code, stdout, stderr };
}

/** A program that ends before it has read its input closes the pipe; its exit code says whether that was an error. */
async function feed(input: string | Readable | undefined, stdin: NodeJS.WritableStream): Promise<void> {
  if (input === undefined || typeof input === "string") {
    stdin.on("error", () => undefined);
    stdin.end(input ?? "");
    return;
  }
  await pipeline(input, stdin).catch((error: unknown) => {
    if (!(error instanceof Error && "code" in error && error.code === "EPIPE")) throw error;
  });
}
