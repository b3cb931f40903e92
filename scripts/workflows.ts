/**
 * `node scripts/workflows.ts`: checks the workflow files in .github with GitHub's own parser, expressions included, and
 * checks that each third-party action is pinned to a commit hash, so that nobody can put other code behind its name.
 */
import { globSync, readFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { parse } from "yaml";
import { z } from "zod";
import { fault } from "../shared/errors.ts";

// The parser imports its schema as JSON without saying so, which Node requires.
registerHooks({
  resolve: (specifier, context, next) => {
    const found = next(specifier, context);
    return specifier.endsWith(".json") ? { ...found, importAttributes: { type: "json" } } : found;
  },
});
const { convertWorkflowTemplate, NoOperationTraceWriter, parseWorkflow } = await import("@actions/workflow-parser");

const step = z.looseObject({
  run: z.string().optional(),
  uses: z.string().optional(),
  with: z.record(z.string(), z.unknown()).optional(),
});
const workflowFile = z.looseObject({
  on: z.union([z.string(), z.array(z.string()), z.record(z.string(), z.unknown())]),
  permissions: z.unknown().optional(),
  jobs: z.record(z.string(), z.looseObject({ steps: z.array(step).default([]) })).optional(),
});

const faults: string[] = [];
for (const name of globSync(".github/workflows/*").sort()) {
  const content = readFileSync(name, "utf8");
  const { context, value } = parseWorkflow({ name, content }, new NoOperationTraceWriter());
  if (value !== undefined) await convertWorkflowTemplate(context, value);
  const errors = context.errors.getErrors().map(({ message }) => message);
  faults.push(...errors, ...unpinned(name, content));
  if (errors.length === 0) faults.push(...exposed(name, parse(content)));
}
for (const name of globSync(".github/actions/*/action.yaml").sort()) {
  faults.push(...unpinned(name, readFileSync(name, "utf8")));
}
for (const text of faults) console.error(text);
process.exitCode = faults.length === 0 ? 0 : 1;

/** Whatever lets those who open pull requests run code with more rights than they may have. */
function exposed(name: string, workflow: unknown): string[] {
  const { on, permissions, jobs = {} } = workflowFile.parse(workflow);
  const events = typeof on === "string" ? [on] : Array.isArray(on) ? on : Object.keys(on);
  const isOpen = events.includes("pull_request");
  const borrowed = events.filter((event) => ["pull_request_target", "workflow_run", "issue_comment"].includes(event));
  const steps = Object.values(jobs).flatMap((job) => job.steps);
  return [
    ...borrowed.map((event) =>
      fault(`${name} on`, "must not run for others with the rights of this repository", event, "use pull_request"),
    ),
    ...(isOpen && permissions === undefined
      ? [fault(`${name} permissions`, "must be written out", permissions, "begin with contents: read")]
      : []),
    ...steps
      .filter(({ run = "" }) => run.includes("${{"))
      .map(({ run }) =>
        fault(`${name} run`, "must take values from env, where they are no code", run, "name them there"),
      ),
    ...steps
      .filter(({ uses = "", with: given = {} }) => isOpen && isCheckout(uses) && given["persist-credentials"] !== false)
      .map(({ uses }) => fault(`${name} uses`, "must leave no token behind", uses, "add persist-credentials: false")),
  ];
}

function isCheckout(uses: string): boolean {
  return uses.startsWith("actions/checkout@");
}

/** Actions that are not pinned to a commit hash, followed by its version for people. */
function unpinned(name: string, content: string): string[] {
  return content.split("\n").flatMap((line, index) => {
    const [, used = ""] = /^\s*(?:- )?uses:\s*(.+)$/.exec(line) ?? [];
    if (used === "" || used.startsWith("./") || /^[\w-]+\/[\w./-]+@[0-9a-f]{40} # v[\d.]+$/.test(used)) return [];
    const remedy = "write it as in: owner/action@<40 digits> # v1.2.3";
    return [fault(`${name} (Line: ${index + 1})`, "must name an action by the hash of a commit", used, remedy)];
  });
}
