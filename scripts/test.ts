/**
 * `npm test`: check, fault walk, sample app, and a short live pass on the sandbox's cluster. `-- --no-live` leaves the
 * live pass out and says so. `npm run test:live` runs the short live pass alone, `-- --all` every live suite, `-- <part
 * of a file name>…` those; `npm run test:faults` the fault walk alone.
 */
import { checks } from "./checks.ts";
import { refuse } from "./refuse.ts";
import { progress, runStep, type Step } from "./steps.ts";
import { liveSuites, runLiveSuites, startSandbox } from "./suites/live-suites.ts";
import { runVitest } from "./suites/run-vitest.ts";
import { matchingSuites, type Suite } from "./suites/suite-order.ts";
import { type Counts, sum } from "./suites/suite-table.ts";
import { parseTestCall, type SuiteChoice } from "./suites/test-call.ts";

const call = parseTestCall(process.argv.slice(2));
if ("faults" in call) refuse(call.faults);
const suites = chosen(call.suites);
if ("fault" in suites) refuse([suites.fault]);

const counts: Counts[] = [];
if (call.offline) {
  for (const step of checks) counts.push(await countAsOne(step));
  counts.push(await runVitest({ name: "unit tests", project: "unit" }));
}
if (call.faultWalk) counts.push(await runVitest({ name: "fault walk", project: "faults" }));
if (suites.length > 0) counts.push(...(await live(suites)));
else if (call.offline) progress("left out: the live pass (sandbox cluster, Vault, the dev stack); `npm test` runs it");

// Alone on its line, last, and counted from the runners' own reports.
const { passed, failed, skipped } = sum(counts);
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;

function chosen(choice: SuiteChoice): readonly Suite[] | { readonly fault: string } {
  switch (choice.kind) {
    case "none":
      return [];
    case "short":
      return liveSuites().filter(({ project }) => project === "live");
    case "all":
      return liveSuites();
    case "matching":
      return matchingSuites(liveSuites(), choice.filters);
  }
}

async function live(chosenSuites: readonly Suite[]): Promise<Counts[]> {
  const sandbox = await runStep(startSandbox);
  if (!sandbox.passed) {
    console.error(
      "test: the live pass needs the sandbox, which cannot start here (see above); `npm test -- --no-live` runs the rest",
    );
    return [{ passed: 0, failed: 1, skipped: 0 }];
  }
  const app = await countAsOne({ name: "sample app", command: ["go", "-C", "apps/web-app", "test", "./..."] });
  return [app, ...(await runLiveSuites(chosenSuites))];
}

async function countAsOne(step: Step): Promise<Counts> {
  const { passed: hasPassed } = await runStep(step);
  return { passed: hasPassed ? 1 : 0, failed: hasPassed ? 0 : 1, skipped: 0 };
}
