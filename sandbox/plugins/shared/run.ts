import { writeSync } from "node:fs";
import type { Provider } from "./provider.ts";
import { servePlugin } from "./serve.ts";

/** Runs a provider as a plugin process, after the engine's protocol: the engine's address is the last argument. */
export async function runPlugin(provider: Provider): Promise<void> {
  const engineAddress = process.argv
    .slice(2)
    .filter((argument) => !argument.startsWith("-"))
    .at(-1);
  const { port, close } = await servePlugin(provider, engineAddress);
  runUntilEnded(port, close);
}

/**
 * Tells the engine the port, as the first line of standard output, and lives until the engine ends the process or is
 * gone.
 * @param close Called once at the end; must not wait for anything.
 */
export function runUntilEnded(port: number, close: () => void): void {
  const end = (): void => {
    close();
    process.exit(0);
  };
  // The engine ends a plugin by an interrupt and waits five seconds before it kills it. A person's Ctrl-C does not
  // come here: plugins are in a process group of their own, and hear of it through Cancel.
  process.on("SIGINT", end);
  process.on("SIGTERM", end);
  endWithParent(end);
  writeSync(process.stdout.fd, `${port}\n`);
}

const parentCheckMilliseconds = 2_000;

/** An engine that was killed outright cannot tell its plugins to end. */
function endWithParent(end: () => void): void {
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) end();
  }, parentCheckMilliseconds).unref();
}
