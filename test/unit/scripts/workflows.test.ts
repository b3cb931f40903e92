import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../sandbox/test/support/temporary-folder.ts";

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

const checkout = `- uses: ${pinned}`;

function faultsOfWorkflow(head: string, steps = ""): string {
  const job = `jobs:\n  a:\n    runs-on: ubuntu-24.04\n    steps:\n${steps === "" ? "      - run: echo\n" : steps}`;
  const cwd = temporaryFolder({ ".github/workflows/test.yaml": `${head}\n${job}` });
  return spawnSync(process.execPath, [script], { cwd, encoding: "utf8" }).stderr;
}

test.each([
  ["runs code of others with the rights of this repository", "on: pull_request_target", "", "use pull_request"],
  ["does so after their own run", "on:\n  workflow_run:\n    workflows: [x]", "", "use pull_request"],
  ["leaves to a setting what pull requests may do", "on: pull_request", "", "permissions: must be written out"],
  [
    "puts the title of a pull request into a script",
    "on: push",
    "      - run: echo ${{ github.event.pull_request.title }}\n",
    "must take values from env",
  ],
  [
    "leaves its token where code of a pull request finds it",
    "on: pull_request\npermissions:\n  contents: read",
    `      ${checkout}\n`,
    "add persist-credentials: false",
  ],
])("rejects a workflow that %s", (_what, head, steps, words) => {
  expect(faultsOfWorkflow(head, steps)).toContain(words);
});

test("a workflow of pull requests passes that has neither a token nor more rights than it says", () => {
  const steps = `      ${checkout}\n        with:\n          persist-credentials: false\n`;
  expect(faultsOfWorkflow("on: pull_request\npermissions:\n  contents: read", steps)).toBe("");
});
