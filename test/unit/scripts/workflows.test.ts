import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../support/temporary-folder.ts";

/** What the check of the workflow files finds. That GitHub runs them as meant is not shown. */

const script = join(import.meta.dirname, "..", "..", "..", "scripts", "workflows.ts");
const pinned = "actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1";

function faultsOf(step: string, file = ".github/workflows/test.yaml"): { status: number | null; stderr: string } {
  const job = `jobs:\n  a:\n    runs-on: ubuntu-24.04\n    steps:\n      - ${step}\n`;
  const cwd = temporaryFolder({ [file]: `on: push\n${job}` });
  const { status, stderr } = spawnSync(process.execPath, [script], { cwd, encoding: "utf8" });
  return { status, stderr };
}

test("a workflow that GitHub understands, with an action named by a commit, passes", () => {
  expect(faultsOf(`uses: ${pinned}`)).toEqual({ status: 0, stderr: "" });
});

test.each([
  ["a key that does not exist", "rnu: echo", "Unexpected value 'rnu'"],
  ["an expression of something that does not exist", "run: echo ${{ githb.sha }}", "Unrecognized named-value: 'githb'"],
  ["an action named by a tag", "uses: actions/checkout@v7", "must name an action by the hash of a commit"],
  ["a commit without its version", `uses: ${pinned.replace(/ #.*/, "")}`, "write it as in: owner/action@<40 digits>"],
])("rejects %s", (_, step, words) => {
  const { status, stderr } = faultsOf(step);
  expect(stderr).toContain(words);
  expect(status).toBe(1);
});

test("rejects an action named by a tag in an action of our own", () => {
  expect(faultsOf("uses: actions/checkout@v7", ".github/actions/prepare/action.yaml").status).toBe(1);
});
