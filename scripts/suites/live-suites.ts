import { execFileSync } from "node:child_process";
import { globSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { progress, runStep } from "../steps.ts";
import { removeRemains } from "./remains.ts";
import { runEach } from "./run-each.ts";
import { runVitest } from "./run-vitest.ts";
import { orderSuites, type Suite } from "./suite-order.ts";
import { renderSuiteTable, type SuiteResult } from "./suite-table.ts";

const repository = join(import.meta.dirname, "..", "..");
/** Where suites are, and the project of vitest.config.ts each belongs to. */
const projects = {
  "test/live/short": "live",
  "test/live/cluster-wide": "live-long",
  "test/live/long": "live-long",
} as const;
/** A suite mostly waits: for pods, for Vault, for the engine. More than two at a time would wait for the machine. */
const lanes = 2;
/** The table of the last run. */
const tableFile = join(repository, ".vault", "live-suites.md");
/** No suite takes half of it, even on a busy machine; one that hangs must not hide those after it. */
const limitSeconds = 4800;

/** Starts the sandbox, or repairs it. */
export const startSandbox = { name: "sandbox", command: ["node", "scripts/sandbox.ts", "up"] } as const;

/** Every live suite, in the order they run. */
export function liveSuites(): Suite[] {
  return orderSuites(
    Object.entries(projects).flatMap(([folder, project]) =>
      globSync(`${folder}/*.test.ts`, { cwd: repository }).map((file) => ({ file, project })),
    ),
  );
}

/**
 * Runs suites, two at a time where they allow it, each to its first failure, since the tests of a file build on each
 * other. The next suite runs whatever became of the one before it, on a cluster that is free of its remains. At the end
 * there is a table, also in a file.
 * @returns How each ended.
 */
export async function runLiveSuites(suites: readonly Suite[]): Promise<SuiteResult[]> {
  const results = await runEach(suites, {
    lanes,
    run: runSuite,
    repair: () => runStep(startSandbox),
    report: (text) => {
      progress(text);
    },
    keep: (soFar) => {
      keepTable(soFar, suites.length);
    },
  });
  console.log(`\n${renderSuiteTable(results)}\n`);
  progress(`the table is in ${tableFile}`);
  return results;
}

async function runSuite({ file, project }: Suite): Promise<SuiteResult> {
  const folder = mkdtempSync(join(tmpdir(), "vaultstack-suite-"));
  const name = file.replace(/^test\/live\/|\.test\.ts$/g, "");
  try {
    // A failed suite has left what it made; the stacks of a suite stand in its folder, for as long as they exist.
    const environment = { VAULTSTACK_TEST_STACKS: folder };
    const counts = await runVitest({ name, project, environment, limitSeconds, args: [file, "--bail=1"] });
    return { suite: name, ...counts };
  } finally {
    await removeRemains(folder);
    rmSync(folder, { recursive: true, force: true });
  }
}

function keepTable(results: readonly SuiteResult[], wanted: number): void {
  const commit = execFileSync("git", ["describe", "--always", "--dirty"], { cwd: repository, encoding: "utf8" }).trim();
  const head = `${results.length} of ${wanted} live suites on ${commit}, until ${new Date().toISOString()}`;
  mkdirSync(dirname(tableFile), { recursive: true });
  writeFileSync(tableFile, `${head}\n\n${renderSuiteTable(results)}\n`);
}
