import type { PlannedChange, PlannedOperation, RecordedPreview } from "./recorded-preview.ts";

/** What a comment is about. */
export interface CommentParts {
  /** The previews, in the order of their stacks. */
  readonly previews: readonly RecordedPreview[];
  /** What `npm run access -- <stack> --diff <ref> --format markdown` said, in the same order. */
  readonly access: readonly string[];
  /** The commit it is about. */
  readonly commit: string;
}

/** Tells the comment of a pull request from all others, so that there is one. */
export const commentMarker = "<!-- vaultstack: what a merge would change -->";

/** Longest text that is shown of one error; GitHub takes 65536 characters in all. */
const longestMessage = 4_000;
const mostChanges = 150;

/**
 * Writes the comment of a pull request: for each stack what a merge would change, and who could do more or less.
 * @returns Markdown that begins with {@link commentMarker}.
 */
export function renderComment({ previews, access, commit }: CommentParts): string {
  return [
    commentMarker,
    "## What a merge would change",
    ...previews.flatMap(previewLines),
    ...access.flatMap((text) => ["", text.trim()]),
    "",
    `Of commit ${commit.slice(0, 12)}.`,
    "",
  ].join("\n");
}

function previewLines(preview: RecordedPreview): string[] {
  const { stack, failed, changes, errors, warnings, notes } = preview;
  const heading = failed ? "the preview failed" : summary(changes);
  return [
    "",
    `### Stack ${stack}: ${heading}`,
    ...table(changes),
    ...(failed && errors.length === 0 ? ["", "Its output is in the log of the job."] : []),
    ...errors.flatMap((message) => ["", ...fenced(message)]),
    ...list("Warnings:", warnings),
    ...list("What it cannot show:", notes),
  ];
}

const verbs: Readonly<Record<PlannedOperation, string>> = {
  create: "to create",
  update: "to update",
  replace: "to replace",
  delete: "to delete",
};

function summary(changes: readonly PlannedChange[]): string {
  const counts = (Object.keys(verbs) as PlannedOperation[]).flatMap((operation) => {
    const count = changes.filter((change) => change.operation === operation).length;
    return count === 0 ? [] : [`${count} ${verbs[operation]}`];
  });
  return counts.length === 0 ? "nothing" : counts.join(", ");
}

function table(changes: readonly PlannedChange[]): string[] {
  if (changes.length === 0) return [];
  const rows = changes.slice(0, mostChanges).map(({ operation, type, name, properties }) => {
    // What loses something must catch the eye.
    const word = operation === "replace" || operation === "delete" ? `**${operation}**` : operation;
    return `| ${[word, cell(name), cell(type), properties.map(cell).join(", ")].join(" | ")} |`;
  });
  const rest = changes.length - mostChanges;
  return [
    "",
    "|  | resource | type | differs in |",
    "| --- | --- | --- | --- |",
    ...rows,
    ...(rest > 0 ? ["", `And ${rest} more.`] : []),
  ];
}

function cell(text: string): string {
  return `\`${text.replaceAll("`", "'").replaceAll("|", "\\|")}\``;
}

/** With a fence that the text cannot end. */
function fenced(text: string): string[] {
  return ["~~~text", text.slice(0, longestMessage).replaceAll(/^~~~/gm, "  ~~~"), "~~~"];
}

function list(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ["", title, "", ...lines.map((line) => `- ${line.replaceAll(/\s+/g, " ")}`)];
}
