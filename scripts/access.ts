/**
 * `npm run access -- [stack] [--format table|markdown|json] [--diff <git ref> [--ci]]`: who may do what in the stack's
 * Vault, computed from its program and settings; with `--diff`, what has changed since a commit. With `--ci` it fails
 * when somebody may do more and access-approvals.yaml does not say so, or names a change that does not exist.
 */
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { accessChanges } from "../components/access/matrix/access-diff.ts";
import { type AccessMatrix, accessRows, matrixFaults } from "../components/access/matrix/access-matrix.ts";
import type * as DeclaredAccess from "../components/access/matrix/declared-access.ts";
import { fault } from "../shared/errors.ts";
import { stackGraph } from "../graph/stack-graph.ts";
import { type Approval, approvalsFile, judge, parseApprovals } from "./access/approvals.ts";
import { withProjectAt } from "./access/project-at.ts";
import { renderChanges, renderMatrix } from "./access/render-access.ts";
import { refuse } from "./refuse.ts";
import { stackArgument } from "./stack-argument.ts";

const formats = ["table", "markdown", "json"] as const;
type Format = (typeof formats)[number];

const { values, positionals } = parseArgs({
  options: { format: { type: "string", default: "table" }, diff: { type: "string" }, ci: { type: "boolean" } },
  allowPositionals: true,
});
const { format, diff, ci = false } = values;
const { stack, faults: stackFaults } = stackArgument(positionals);
const faults = [
  ...stackFaults,
  ...(ci && diff === undefined
    ? [fault("--ci", "must come with --diff", true, "name the commit to compare with")]
    : []),
];
if (!isFormat(format)) {
  refuse([...faults, fault("--format", `must be one of ${formats.join(", ")}`, format, "name one")]);
}
if (faults.length > 0) refuse(faults);
try {
  if (diff === undefined) await show(format);
  else await compare(format, diff);
} catch (error) {
  refuse([error instanceof Error ? error.message : String(error)]);
}

async function show(chosen: Format): Promise<void> {
  const matrix = await matrixIn(".");
  const rows = accessRows(matrix);
  const text = chosen === "json" ? JSON.stringify({ stack, rows }, null, 2) : renderMatrix(rows, matrix.logins, chosen);
  process.stdout.write(`${text}\n`);
}

async function compare(chosen: Format, ref: string): Promise<void> {
  const [before, after] = await Promise.all([
    withProjectAt(ref, async (folder) => ({
      matrix: await earlierMatrix(ref, folder),
      approvals: approvalsIn(folder),
    })),
    matrixIn("."),
  ]);
  const changes = accessChanges(before.matrix, after);
  const judgement = judge(stack, changes, { before: before.approvals, after: approvalsIn(".") });
  const text =
    chosen === "json"
      ? JSON.stringify({ stack, since: ref, changes, ...judgement }, null, 2)
      : renderChanges(`stack ${stack} since ${ref}`, changes, judgement, chosen);
  process.stdout.write(`${text}\n`);
  if (ci && judgement.unapproved.length + judgement.unused.length > 0) process.exitCode = 1;
}

async function matrixIn(folder: string): Promise<AccessMatrix> {
  const { resources } = await stackGraph({ stack }, { folder });
  // With the code of that folder: it knows the kinds of engines and login methods that the graph is made of.
  const { href } = pathToFileURL(resolve(declaredAccessIn(folder)));
  const { accessOf } = (await import(href)) as typeof DeclaredAccess;
  const matrix = accessOf(resources);
  const wrong = matrixFaults(matrix);
  if (wrong.length > 0) throw new Error(wrong.join("\n"));
  return matrix;
}

/** Where the code of a folder reads the matrix from a graph: here, or where commits before this layout have it. */
function declaredAccessIn(folder: string): string {
  const place = join(folder, "components", "access", "matrix", "declared-access.ts");
  const before = join(folder, "components", "access", "declared-access.ts");
  return existsSync(before) ? before : place;
}

/** A stack that did not exist gave nobody access to anything. */
async function earlierMatrix(ref: string, folder: string): Promise<AccessMatrix> {
  if (!existsSync(join(folder, `Pulumi.${stack}.yaml`))) return { logins: [], policies: {}, credentials: [] };
  if ([join(folder, "graph", "record.ts"), declaredAccessIn(folder)].some((path) => !existsSync(path))) {
    throw new Error(fault("--diff", "must be a commit whose graph can be recorded", ref, "name a later one"));
  }
  return matrixIn(folder);
}

function approvalsIn(folder: string): Approval[] {
  const path = join(folder, approvalsFile);
  return parseApprovals(existsSync(path) ? readFileSync(path, "utf8") : undefined, approvalsFile);
}

function isFormat(word: string): word is Format {
  return (formats as readonly string[]).includes(word);
}
