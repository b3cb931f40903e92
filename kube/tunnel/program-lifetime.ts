import * as pulumi from "@pulumi/pulumi";

/** Lets go of something the program holds open, such as a listening socket. */
export type Closer = () => void | Promise<void>;

const closers: Closer[] = [];
let watching = false;
let failed = false;

/**
 * Keeps the program alive until the engine is done, deletes included, and runs `close` then.
 *
 * The engine deletes after the program has registered its last resource; what a provider reaches through this program
 * must be there until then. What is to be closed must not itself hold the event loop (`unref` it): an empty loop is how
 * the end of the program's own work is recognised. Closers run in the reverse order of their registration.
 */
export function closeWhenEngineIsDone(close: Closer): void {
  closers.push(close);
  if (watching) return;
  watching = true;
  process.on("uncaughtExceptionMonitor", noteFailure);
  process.on("unhandledRejection", noteFailure);
  process.once("beforeExit", (code) => {
    void outliveTheEngine(code);
  });
}

async function outliveTheEngine(code: number): Promise<void> {
  // To the engine, the signal means that the program succeeded and may be believed: after a failure it would delete
  // every resource the program did not get to.
  if (code === 0 && !failed) await pulumi.runtime.disconnect(true);
  for (const close of closers.toReversed()) await close();
}

function noteFailure(): void {
  failed = true;
}
