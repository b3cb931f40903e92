/**
 * `npm run check`: everything that needs no cluster and takes seconds. Every step runs even when an earlier one failed,
 * so that one run shows all faults.
 */
import { checks } from "./checks.ts";
import { runStep, type StepResult } from "./steps.ts";

const results: StepResult[] = [];
for (const step of [...checks, { name: "unit tests", command: ["vitest", "run", "--project", "unit"] } as const]) {
  results.push(await runStep(step));
}
const failed = results.filter((result) => !result.passed);
for (const { name } of failed) console.error(`check: ${name} failed; its output is above`);
process.exitCode = failed.length === 0 ? 0 : 1;
