import { parse } from "yaml";
import { z } from "zod";
import type { AccessChange } from "../../components/access/matrix/access-diff.ts";
import { fault } from "../../shared/errors.ts";

/** File of the approvals, at the root of the project and reviewed like code. */
export const approvalsFile = "access-approvals.yaml";

const approval = z.strictObject({
  /** Stack the change is in. */
  stack: z.string().min(1),
  /** The change, word for word as `npm run access -- <stack> --diff <ref>` tells it. */
  change: z.string().min(1),
  /** Why somebody may do more. */
  reason: z.string().min(1),
});
const file = z.strictObject({ approvals: z.array(approval) });

/** That somebody may do more, agreed to in review. */
export type Approval = z.infer<typeof approval>;

/**
 * Reads the approvals of one state of the project.
 * @param text Content of the file; undefined when there is none.
 * @param at How to name the file.
 * @throws {Error} With every fault of the file.
 */
export function parseApprovals(text: string | undefined, at: string): Approval[] {
  if (text === undefined) return [];
  const result = file.safeParse(parse(text));
  if (result.success) return result.data.approvals;
  const faults = result.error.issues.map((issue) =>
    fault([at, ...issue.path].join("."), issue.message.toLowerCase(), undefined, "write stack, change and reason"),
  );
  throw new Error(faults.join("\n"));
}

/** How a change stands with its approvals. */
export interface Judgement {
  /** Wider changes nobody has approved. */
  readonly unapproved: readonly AccessChange[];
  /** Approvals that match no change. */
  readonly unused: readonly Approval[];
}

/**
 * Compares changes with the approvals that were added together with them. An approval that was there before was for an
 * earlier change: it approves nothing now, and may stay as a record or go.
 * @param changes What the change of the program means.
 */
export function judge(
  stack: string,
  changes: readonly AccessChange[],
  approvals: { readonly before: readonly Approval[]; readonly after: readonly Approval[] },
): Judgement {
  const spent = approvals.before.map((entry) => JSON.stringify(entry));
  const added = approvals.after.filter((entry) => {
    const at = spent.indexOf(JSON.stringify(entry));
    if (at >= 0) spent.splice(at, 1);
    return entry.stack === stack && at < 0;
  });
  const open = [...added];
  const unapproved = changes.filter(({ direction, text }) => {
    if (direction !== "wider") return false;
    const at = open.findIndex(({ change }) => change === text);
    if (at >= 0) open.splice(at, 1);
    return at < 0;
  });
  return { unapproved, unused: open };
}
