import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { currentContext } from "../../../../kube/kubeconfig/current-context.ts";

const folder = mkdtempSync(join(tmpdir(), "kubeconfig-"));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function kubeconfig(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

const named = kubeconfig("named", "current-context: here\n");
const other = kubeconfig("other", "current-context: there\n");
const unnamed = kubeconfig("unnamed", "contexts: []\n");
const empty = kubeconfig("empty", "");

test.each([
  ["the one file", [named], "here"],
  ["the first of two files", [other, named], "there"],
  ["the first file that names one", [unnamed, empty, named], "here"],
  ["a file beside one that is missing", [join(folder, "missing"), named], "here"],
])("is taken from %s", (_, files, context) => {
  expect(currentContext({ KUBECONFIG: files.join(delimiter) })).toBe(context);
});

test("is unknown when no file names one", () => {
  expect(currentContext({ KUBECONFIG: unnamed })).toBeNull();
});

test("is unknown when the home folder has no kubeconfig", () => {
  expect(currentContext({ HOME: folder })).toBeNull();
});
