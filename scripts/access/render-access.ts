import type { AccessChange } from "../../components/access/matrix/access-diff.ts";
import {
  type AccessRow,
  type DeclaredLogin,
  lifeOf,
  loginName,
  shown,
} from "../../components/access/matrix/access-matrix.ts";
import { approvalsFile, type Judgement } from "./approvals.ts";

/** How a table is written: for a terminal, or in Markdown. */
export type TableFormat = "table" | "markdown";

/**
 * Writes the matrix as a table.
 * @param logins What each login must show, for the line behind it.
 * @param format For a terminal or in Markdown.
 */
export function renderMatrix(
  rows: readonly AccessRow[],
  logins: readonly DeclaredLogin[],
  format: TableFormat,
): string {
  const conditions = new Map(logins.map((login) => [loginName(login), conditionsOf(login)]));
  const heading = ["subject", "login", "policy", "path", "capabilities", "token", "issues"];
  const lines = rows.map(({ subject, login, policy, path, capabilities, credentialMaxTtl, wrappingMaxTtl }) => [
    ...[subject, login, policy, path, capabilities.join(" ")],
    conditions.get(login) ?? "",
    [
      ...(credentialMaxTtl === 0 ? [] : [`for ${shown("ttl", credentialMaxTtl)}`]),
      ...(wrappingMaxTtl === 0 ? [] : [`wrapped for ${shown("ttl", wrappingMaxTtl)}`]),
    ].join("; "),
  ]);
  return format === "markdown" ? markdownTable(heading, lines) : plainTable(heading, lines);
}

function conditionsOf({ bounds, limits }: DeclaredLogin): string {
  const { ttl = 0, maxTtl = 0, ...others } = limits;
  return [
    ...(ttl === 0 ? [] : [lifeOf(ttl, maxTtl)]),
    ...Object.entries(bounds).map(([bound, values]) => `${bound} ${values.join(" or ")}`),
    ...Object.entries(others).map(([limit, value]) => `${limit} ${shown(limit, value)}`),
  ].join("; ");
}

function plainTable(heading: readonly string[], lines: readonly (readonly string[])[]): string {
  const widths = heading.map((title, column) =>
    Math.max(title.length, ...lines.map((line) => line[column]?.length ?? 0)),
  );
  const row = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd();
  return [row(heading), row(widths.map((width) => "─".repeat(width))), ...lines.map(row)].join("\n");
}

function markdownTable(heading: readonly string[], lines: readonly (readonly string[])[]): string {
  const row = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|").replaceAll("*", "\\*")).join(" | ")} |`;
  return [row(heading), row(heading.map(() => "---")), ...lines.map(row)].join("\n");
}

/**
 * Writes what a change of the program means for who may do what, and what its approvals lack.
 * @param subject What is compared, for the heading.
 * @param judgement How they stand with the approvals.
 * @param format For a terminal or in Markdown.
 */
export function renderChanges(
  subject: string,
  changes: readonly AccessChange[],
  { unapproved, unused }: Judgement,
  format: TableFormat,
): string {
  const code = (text: string): string => (format === "markdown" ? `\`${text}\`` : text);
  const list = (title: string, lines: readonly string[]): string[] =>
    lines.length === 0 ? [] : ["", title, "", ...lines.map((line) => `- ${line}`)];
  const heading = format === "markdown" ? `### Access: ${subject}` : `access: ${subject}`;
  if (changes.length + unused.length === 0) return [heading, "", "Everybody may do the same as before."].join("\n");
  const lines = (direction: AccessChange["direction"]): string[] =>
    changes
      .filter((change) => change.direction === direction)
      .map((change) => {
        const isOpen = unapproved.includes(change);
        return `${code(change.text)}${direction === "wider" ? (isOpen ? " – not approved" : " – approved") : ""}`;
      });
  return [
    heading,
    ...list("Somebody may do more:", lines("wider")),
    ...list("Somebody may do less:", lines("narrower")),
    ...list(
      `Approvals in ${approvalsFile} of no change that there is; remove them:`,
      unused.map(({ change }) => code(change)),
    ),
    ...(unapproved.length === 0
      ? []
      : ["", `Add to ${approvalsFile} what is agreed to, word for word, each with stack, change and reason.`]),
  ].join("\n");
}
