/**
 * Every block of the README and of docs/ that a person could run has somebody who runs it. This does not prove that a
 * suite does what it says, only that it knows the block.
 */
import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { blocksIn, commandsIn } from "../../support/document-blocks.ts";
import { type BlockRun, blocksToRun, documentRuns, firstLine } from "../../support/document-runs.ts";

const tests = join(import.meta.dirname, "..", "..");
const repository = join(tests, "..");
const documents = ["README.md", ...globSync("docs/**/*.md", { cwd: repository })];
const runs = Object.values(documentRuns).flatMap((blocks) => Object.entries(blocks));

/** May become shorter. What is added here is a command that nobody has ever tried. */
const runByNobody = ["SELECT rolname, rolvaliduntil FROM pg_roles WHERE rolname LIKE 'v-%';"];

describe("blocks of the documents", () => {
  test("are each run by somebody, and there is nobody for one that is gone", () => {
    const found = documents.flatMap((document) =>
      blocksToRun(document).map((block) => `${document}: ${firstLine(block)}`),
    );
    const known = Object.entries(documentRuns).flatMap(([document, blocks]) =>
      Object.keys(blocks).map((line) => `${document}: ${line}`),
    );
    expect(found.toSorted()).toEqual(known.toSorted());
  });

  test("can be told apart by their first lines", () => {
    for (const document of documents) {
      const lines = blocksToRun(document).map(firstLine);
      expect(lines.filter((line, index) => lines.indexOf(line) !== index)).toEqual([]);
    }
  });

  test("that nobody runs are few, and known", () => {
    expect(runs.filter(([, { kind }]) => kind === "nobody").map(([block]) => block)).toEqual(runByNobody);
  });

  test.each(runs)("%s is known to the suite that runs it", (_block, run) => {
    for (const [file, text] of textsOf(run)) {
      expect(existsSync(join(tests, file)), file).toBe(true);
      expect(readFileSync(join(tests, file), "utf8")).toContain(text);
    }
  });
});

/** What must stand in which files for a block to be run; a walk takes every block that is its suite's. */
function textsOf(run: BlockRun): (readonly [string, string])[] {
  if (run.kind === "nobody") return [];
  const walk = { [`live/${run.suite}.test.ts`]: "new DocumentWalk(" };
  return Object.entries((run.kind === "run" ? run.by : undefined) ?? walk);
}

test("what npm prints of itself gets into no pipe, file or variable", () => {
  const passedOn = documents.flatMap((document) => {
    const text = readFileSync(join(repository, document), "utf8");
    const spans = [...text.matchAll(/`([^`\n]+)`/g)].map(([, span = ""]) => span);
    const lines = [...blocksIn(text).flatMap((block) => commandsIn(block.text)), ...spans];
    return lines.filter((line) => /\$\(npm run|npm run [^|]*(?:\s\|\s|\s>\s)/.test(line));
  });
  expect(passedOn.length).toBeGreaterThan(3);
  expect(passedOn.filter((line) => !/npm run (?:-s|--silent) /.test(line))).toEqual([]);
});
