/**
 * `npm test`: check, fault walk, sample app, and a short live pass on the sandbox's cluster.
 * `-- --no-live` leaves the live pass out and says so. `npm run test:live -- --all` runs every live suite, `npm run
 * test:faults` the fault walk alone.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { checks } from "./checks.ts";
import { progress, runStep, type Step } from "./steps.ts";

const vitestReport = z.object({ numPassedTests: z.number(), numFailedTests: z.number(), numPendingTests: z.number() });
const knownFlags = ["--no-live", "--live", "--all", "--faults"];

const flags = process.argv.slice(2);
const unknown = flags.filter((flag) => !knownFlags.includes(flag));
if (unknown.length > 0) {
  console.error(`test: flags must be among ${knownFlags.join(", ")}, got ${unknown.join(", ")}; drop them`);
  process.exit(2);
}
const reports = mkdtempSync(join(tmpdir(), "vaultstack-test-"));
const total = { passed: 0, failed: 0, skipped: 0 };

try {
  if (flags.includes("--faults")) await faultWalk();
  else if (!flags.includes("--live")) await offline();
  if (flags.includes("--no-live")) {
    progress("left out: the live pass (sandbox cluster, Vault, the dev stack); `npm test` runs it");
  } else if (!flags.includes("--faults")) {
    await live(flags.includes("--all"));
  }
} finally {
  rmSync(reports, { recursive: true, force: true });
}
// Alone on its line, last, and counted from the runners' own reports.
console.log(`${total.passed} passed, ${total.failed} failed${total.skipped > 0 ? `, ${total.skipped} skipped` : ""}`);
process.exitCode = total.failed === 0 && total.passed > 0 ? 0 : 1;

async function offline(): Promise<void> {
  for (const step of checks) await countAsOne(step);
  await countTests("unit tests", "unit");
  await faultWalk();
}

async function faultWalk(): Promise<void> {
  await countTests("fault walk", "faults");
}

async function live(all: boolean): Promise<void> {
  const sandbox = await runStep({ name: "sandbox", command: ["node", "sandbox/cli.ts", "up"] });
  if (!sandbox.passed) {
    console.error(
      "test: the live pass needs the sandbox, which cannot start here (see above); `npm test -- --no-live` runs the rest",
    );
    total.failed += 1;
    return;
  }
  await countAsOne({ name: "sample app", command: ["go", "-C", "apps/web-app", "test", "./..."] });
  // The tests of a stack's life build on each other: after a failure the rest would only repeat it.
  await countTests("live pass", "live", "--bail=1");
  if (all) await countTests("long live suites", "live-long", "--bail=1");
}

async function countAsOne(step: Step): Promise<void> {
  const { passed } = await runStep(step);
  if (passed) total.passed += 1;
  else total.failed += 1;
}

async function countTests(name: string, project: string, ...flags: readonly string[]): Promise<void> {
  const report = join(reports, `${project}.json`);
  const { passed } = await runStep({
    name,
    command: [
      "vitest",
      "run",
      "--project",
      project,
      "--reporter=default",
      "--reporter=json",
      `--outputFile.json=${report}`,
      ...flags,
    ],
  });
  try {
    const counts = vitestReport.parse(JSON.parse(readFileSync(report, "utf8")));
    total.passed += counts.numPassedTests;
    total.failed += counts.numFailedTests;
    total.skipped += counts.numPendingTests;
    // A file that does not load fails the run without failing a test.
    if (!passed && counts.numFailedTests === 0) total.failed += 1;
  } catch {
    console.error(`test: ${name} left no report; see its output above`);
    total.failed += 1;
  }
}
