import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";

import { runInForeground } from "../../../scripts/foreground.ts";
import { temporaryFolder } from "../../../sandbox/test/support/temporary-folder.ts";

const foreground = join(import.meta.dirname, "..", "..", "..", "scripts", "foreground.ts");

test("the exit code is the program's own", async () => {
  expect(await runInForeground(process.execPath, ["-e", "process.exit(7)"], { env: process.env })).toBe(7);
});

test("a program ended by a signal gives 128 and the signal's number", async () => {
  const code = await runInForeground(process.execPath, ["-e", "process.kill(process.pid, 'SIGKILL')"], {
    env: process.env,
  });
  expect(code).toBe(137);
});

test("a program that is not there is an exception", async () => {
  await expect(runInForeground("no-such-program", [], { env: process.env })).rejects.toThrow("ENOENT");
});

test("one interrupt that comes three ways reaches the program once, and it may take its time to end", async () => {
  const { folder, script } = scriptWith(
    `let seen = 0;
     process.on("SIGINT", () => { seen += 1; if (seen === 1) setTimeout(() => { write("seen", String(seen)); process.exit(5); }, 300); });
     write("ready", ""); setInterval(() => undefined, 1000);`,
  );
  await vi.waitUntil(() => existsSync(join(folder, "ready")), { timeout: 10_000 });
  // The group, as a terminal does it, and then the script alone, as npm and the script before it do.
  process.kill(-script.pid!, "SIGINT");
  process.kill(script.pid!, "SIGINT");
  process.kill(script.pid!, "SIGINT");
  expect(await exitOf(script)).toBe(5);
  expect(readFileSync(join(folder, "seen"), "utf8")).toBe("1");
}, 20_000);

/** A process like an npm script that runs the given program in the foreground, in a process group of its own. */
function scriptWith(program: string): { folder: string; script: ChildProcess } {
  const folder = temporaryFolder({
    "program.mjs": `import { writeFileSync } from "node:fs"; const write = (name, text) => writeFileSync(import.meta.dirname + "/" + name, text);\n${program}`,
    "script.mjs": `import { runInForeground } from ${JSON.stringify(foreground)};
      process.exitCode = await runInForeground(process.execPath, [import.meta.dirname + "/program.mjs"], { env: process.env });`,
  });
  return {
    folder,
    script: spawn(process.execPath, [join(folder, "script.mjs")], { detached: true, stdio: "inherit" }),
  };
}

function exitOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => child.on("exit", resolve));
}
