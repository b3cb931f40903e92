/** What a run of the engine changed or would change, by its own summary. */
export interface EngineChanges {
  /** How many of each operation; one that is not there is none. */
  readonly counts: Readonly<Partial<Record<Operation, number>>>;
  /** Which resources, as `<last part of the type> <name>`, without the stack itself. */
  readonly resources: readonly string[];
}

type Operation = "create" | "update" | "replace" | "delete" | "read" | "discard" | "import";

const summaryLine = /^ {4}(?:[-+~><]+ ?)?(\d+) (?:to )?(create|update|replace|delete|read|discard|import)d?$/;
const resourceLine = /^ *(?:\+-|\+\+|--|[-+~]) +(\S+:\S+) (\S+) (?!running)/;

/**
 * The changes a run printed: of the preview that comes first, or of what followed it.
 * @param part Which of both, for a run that did both.
 * @throws When it printed no summary: it never came to its end.
 */
export function changesIn(output: string, part: "preview" | "end" = "end"): EngineChanges {
  const lines = output.split("\n").map((line) => line.trimEnd());
  const summaries = lines.flatMap((line, index) => (line === "Resources:" ? [index] : []));
  const at = part === "preview" ? summaries[0] : summaries.at(-1);
  if (at === undefined) throw new Error(`no summary of resources in\n${output}`);
  const former = summaries.findLast((index) => index < at) ?? 0;
  const counts: Partial<Record<Operation, number>> = {};
  for (const line of lines.slice(at + 1)) {
    const [whole, count, operation] = summaryLine.exec(line) ?? [];
    if (whole === undefined) break;
    counts[operation as Operation] = Number(count);
  }
  const resources = lines.slice(former, at).flatMap((line) => {
    const [, type = "", name = ""] = resourceLine.exec(line) ?? [];
    return type === "" || type === "pulumi:pulumi:Stack" ? [] : [`${type.split(":").at(-1) ?? ""} ${name}`];
  });
  return { counts, resources: [...new Set(resources)].sort() };
}

/** In one line, for a table. */
export function describeChanges({ counts, resources }: EngineChanges): string {
  const sums = Object.entries(counts).map(([operation, count]) => `${count} ${operation}`);
  if (sums.length === 0) return "nothing";
  return resources.length > 3 ? sums.join(", ") : `${sums.join(", ")}: ${resources.join(", ")}`;
}
