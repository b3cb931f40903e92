import { connect, createServer } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { report } from "../progress.ts";

/**
 * A name outside the file system that one process at a time can hold. The kernel frees it when the holder ends, however
 * that happens, so a lock is never stale.
 */
const lockName = "\0vaultstack-sandbox";

/**
 * Does some work while no other process changes the sandbox; waits for one that does.
 * @param purpose What the work is, told to whoever waits for it.
 */
export async function withLock<Result>(purpose: string, work: () => Promise<Result>): Promise<Result> {
  const release = await acquire(purpose);
  try {
    return await work();
  } finally {
    release();
  }
}

async function acquire(purpose: string): Promise<() => void> {
  let told = false;
  for (;;) {
    const release = await listen(purpose);
    if (release !== undefined) return release;
    if (!told) report(`waiting for ${await holder()}`);
    told = true;
    await delay(200);
  }
}

function listen(purpose: string): Promise<(() => void) | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => {
      socket.on("error", () => socket.destroy());
      socket.end(`sandbox ${purpose} of process ${process.pid}`);
    });
    server.on("error", (error) => {
      if ("code" in error && error.code === "EADDRINUSE") resolve(undefined);
      else reject(error);
    });
    server.listen(lockName, () => {
      resolve(() => server.close());
    });
  });
}

function holder(): Promise<string> {
  return new Promise((resolve) => {
    let said = "";
    const socket = connect(lockName);
    socket.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
    socket.on("error", () => undefined);
    socket.on("close", () => {
      resolve(said === "" ? "another process" : said);
    });
  });
}
