import { stripVTControlCharacters } from "node:util";
import { z } from "zod";

const step = z.looseObject({
  op: z.string(),
  urn: z.string(),
  diffReasons: z.array(z.string()).default([]),
  replaceReasons: z.array(z.string()).default([]),
});
const diagnostic = z.looseObject({ message: z.string().default(""), severity: z.string().default("") });
/** What `pulumi preview --json` prints; it contains values, none of which is taken. */
const digest = z.looseObject({ steps: z.array(step).default([]), diagnostics: z.array(diagnostic).default([]) });

const record = z.object({
  recordVersion: z.literal(1),
  stack: z.string(),
  exitCode: z.number(),
  notes: z.array(z.string()),
  /** Null when the engine did not get that far. */
  digest: digest.nullable(),
});

/** What is done to a resource. */
export type PlannedOperation = "create" | "update" | "replace" | "delete";

/** What a run would do to one resource. */
export interface PlannedChange {
  readonly operation: PlannedOperation;
  readonly type: string;
  readonly name: string;
  /** Names of the properties that differ; their values are left out, since they may be secret. */
  readonly properties: readonly string[];
}

/** A preview as a reviewer needs it. */
export interface RecordedPreview {
  readonly stack: string;
  readonly failed: boolean;
  readonly changes: readonly PlannedChange[];
  /** What the engine or the program calls an error. */
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
  /** What the preview cannot show. */
  readonly notes: readonly string[];
}

/**
 * Records a preview.
 * @param preview How it ended, what `pulumi preview --json` printed, and what it cannot show.
 */
export function writeRecord(
  stack: string,
  {
    exitCode,
    printed,
    notes,
  }: { readonly exitCode: number; readonly printed: string; readonly notes: readonly string[] },
): string {
  return JSON.stringify({ recordVersion: 1, stack, exitCode, notes, digest: digestOf(printed) }, null, 2);
}

function digestOf(printed: string): unknown {
  try {
    return JSON.parse(printed) as unknown;
  } catch {
    return null;
  }
}

/** Reads a recorded preview. */
export function readRecord(text: string): RecordedPreview {
  const { stack, exitCode, notes, digest: found } = record.parse(JSON.parse(text));
  const messages = (severity: RegExp): string[] => [
    ...new Set(
      (found?.diagnostics ?? [])
        .filter((one) => severity.test(one.severity))
        .map(({ message }) => stripVTControlCharacters(message).trim())
        .filter((message) => message !== ""),
    ),
  ];
  return {
    stack,
    failed: exitCode !== 0,
    changes: (found?.steps ?? []).flatMap(changeOf),
    errors: messages(/^error$/),
    warnings: messages(/^warning$/),
    notes,
  };
}

/** Of the steps of a replacement only the one called `replace` is taken. */
const operations: Readonly<Record<string, PlannedOperation>> = {
  create: "create",
  update: "update",
  replace: "replace",
  delete: "delete",
  import: "create",
};

function changeOf({ op, urn, diffReasons, replaceReasons }: z.infer<typeof step>): PlannedChange[] {
  const operation = operations[op];
  if (operation === undefined) return [];
  const [, , types = "", ...name] = urn.split("::");
  const properties = [...new Set([...replaceReasons, ...diffReasons])].filter((property) => property !== "__provider");
  return [{ operation, type: types.split("$").at(-1) ?? "", name: name.join("::"), properties: properties.sort() }];
}
