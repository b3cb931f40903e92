/**
 * Loaded before a program that the engine starts and ends: it ends in order when it is interrupted, and by itself when
 * the engine was killed and can end nothing any more.
 */

/** What holds a server that has nothing to do: its listening socket, and the pipes of its console. */
const idle: ReadonlySet<string> = new Set(["PipeWrap", "TCPServerWrap", "TTYWrap"]);
const checkMilliseconds = 500;
/** Between two steps of some work there may be a moment with nothing to see. */
const idleChecks = 4;

// An orderly end lets Node keep its compiled code for the next run (`NODE_COMPILE_CACHE`), the default one does not.
process.once("SIGINT", () => {
  process.exit(0);
});

const engine = process.ppid;
let idleSince = 0;

// What was begun is finished first: the keys of a Vault just initialised may be on their way.
setInterval(() => {
  const isIdle = process.ppid !== engine && process.getActiveResourcesInfo().every((kind) => idle.has(kind));
  idleSince = isIdle ? idleSince + 1 : 0;
  if (idleSince === idleChecks) process.exit(0);
}, checkMilliseconds).unref();
