/**
 * `node scripts/workflows.ts`: checks the workflow files of .github by GitHub's own parser, expressions included, and that each action
 * of others is named by the hash of a commit, so that nobody can put other code behind its name.
 */
import { globSync, readFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { fault } from "../components/shared/errors.ts";

// The parser imports its schema as JSON without saying so, which Node wants said.
registerHooks({
  resolve: (specifier, context, next) => {
    const found = next(specifier, context);
    return specifier.endsWith(".json") ? { ...found, importAttributes: { type: "json" } } : found;
  },
});
const { convertWorkflowTemplate, NoOperationTraceWriter, parseWorkflow } = await import("@actions/workflow-parser");

const faults: string[] = [];
for (const name of globSync(".github/workflows/*").sort()) {
  const content = readFileSync(name, "utf8");
  const { context, value } = parseWorkflow({ name, content }, new NoOperationTraceWriter());
  if (value !== undefined) await convertWorkflowTemplate(context, value);
  faults.push(...context.errors.getErrors().map(({ message }) => message), ...unpinned(name, content));
}
for (const name of globSync(".github/actions/*/action.yaml").sort())
  faults.push(...unpinned(name, readFileSync(name, "utf8")));
for (const text of faults) console.error(text);
process.exitCode = faults.length === 0 ? 0 : 1;

/** Actions that are not named by a commit, with the version it is of for people. */
function unpinned(name: string, content: string): string[] {
  return content.split("\n").flatMap((line, index) => {
    const [, used = ""] = /^\s*(?:- )?uses:\s*(.+)$/.exec(line) ?? [];
    if (used === "" || used.startsWith("./") || /^[\w-]+\/[\w./-]+@[0-9a-f]{40} # v[\d.]+$/.test(used)) return [];
    const remedy = "write it as in: owner/action@<40 digits> # v1.2.3";
    return [fault(`${name} (Line: ${index + 1})`, "must name an action by the hash of a commit", used, remedy)];
  });
}
