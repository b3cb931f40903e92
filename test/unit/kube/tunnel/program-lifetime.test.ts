import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";

import { temporaryFolder } from "../../../../sandbox/test/support/temporary-folder.ts";

const repository = join(import.meta.dirname, "..", "..", "..", "..");

/**
 * Runs a program that uses the lifetime, with an engine that takes 200 ms after being told that the program is done.
 */
function linesOf(program: string): { lines: string[]; status: number | null } {
  const folder = temporaryFolder({
    "program.mjs": `
      import { createRequire } from "node:module";
      import { closeWhenEngineIsDone } from ${JSON.stringify(join(repository, "kube/tunnel/program-lifetime.ts"))};
      const pulumi = createRequire(${JSON.stringify(join(repository, "index.ts"))})("@pulumi/pulumi");
      const say = (line) => console.log(line);
      pulumi.runtime.disconnect = async (signal) => {
        say("engine told " + signal);
        await new Promise((resolve) => setTimeout(resolve, 200));
        say("engine done");
      };
      ${program}`,
  });
  const { stdout, status } = spawnSync(process.execPath, [join(folder, "program.mjs")], { encoding: "utf8" });
  return { lines: stdout.trim().split("\n").filter(Boolean), status };
}

// What these tests do not prove: that the engine's deletes come before its answer; the live tests delete through it.
test("closers run when the engine is done, the last registered first", () => {
  const { lines } = linesOf(
    `closeWhenEngineIsDone(() => say("first")); closeWhenEngineIsDone(async () => say("second"));`,
  );
  expect(lines).toEqual(["engine told true", "engine done", "second", "first"]);
});

test("the engine is told only after the program's own work", () => {
  const { lines } = linesOf(`closeWhenEngineIsDone(() => say("closed")); setTimeout(() => say("work"), 100);`);
  expect(lines).toEqual(["work", "engine told true", "engine done", "closed"]);
});

test.each([
  ["a rejection nobody handles", `Promise.reject(new Error("no"));`],
  ["a late rejection", `setTimeout(() => Promise.reject(new Error("no")), 50);`],
  ["a late throw", `setTimeout(() => { throw new Error("no"); }, 50);`],
])("after %s the engine is not told that the program succeeded, or it would delete what is missing", (_, failure) => {
  // The SDK's runner keeps a failed program alive with handlers of its own.
  const { lines } = linesOf(`
    process.on("uncaughtException", () => undefined);
    process.on("unhandledRejection", () => undefined);
    closeWhenEngineIsDone(() => say("closed"));
    ${failure}`);
  expect(lines).toEqual(["closed"]);
});

test("after an exit code other than 0 the engine is not told either", () => {
  const { lines, status } = linesOf(`closeWhenEngineIsDone(() => say("closed")); process.exitCode = 4;`);
  expect([lines, status]).toEqual([["closed"], 4]);
});
