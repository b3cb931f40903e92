import type { RecordedResource } from "../../graph/recorder.ts";
import type { Graph } from "../support/graph-of-dev.ts";

type Json = unknown;
type JsonObject = Readonly<Record<string, Json>>;

/** A graph as it is read: each resource by `<type> <name>`, without what is empty. */
export interface ReviewedGraph {
  readonly outputs: JsonObject;
  readonly resources: Readonly<Record<string, JsonObject>>;
}

/** A place whose value is another one, and both values; a value that is not there is left out. */
export interface Difference {
  readonly at: string;
  readonly before?: Json;
  readonly now?: Json;
}

/** What another graph has that the first has not, and the other way round. */
export interface GraphDifference {
  readonly outputs: readonly Difference[];
  /** What the first has alone, by `<type> <name>`. */
  readonly gone: readonly string[];
  readonly changed: Readonly<Record<string, readonly Difference[]>>;
  readonly added: Readonly<Record<string, JsonObject>>;
}

/** The graph in the form it is reviewed in, in the order of the graph. */
export function reviewedGraph({ resources, outputs }: Graph): ReviewedGraph {
  const entries = resources.map((resource): [string, JsonObject] => [
    `${resource.type} ${resource.name}`,
    withoutEmptyFields(resource),
  ]);
  const keys = entries.map(([key]) => key);
  const twice = keys.filter((key, index) => keys.indexOf(key) !== index);
  if (twice.length > 0) throw new Error(`each must have a type and name of its own, got twice: ${twice.join(", ")}`);
  return located({ outputs, resources: Object.fromEntries(entries) });
}

/** How another graph differs from the first. */
export function graphDifference(first: ReviewedGraph, other: ReviewedGraph): GraphDifference {
  const [before, now] = [Object.entries(first.resources), Object.entries(other.resources)];
  const shared = now.flatMap(([key, resource]) => {
    const earlier = first.resources[key];
    return earlier === undefined ? [] : [[key, differences(earlier, resource)] as const];
  });
  return {
    outputs: differences(first.outputs, other.outputs),
    gone: before.map(([key]) => key).filter((key) => !(key in other.resources)),
    changed: Object.fromEntries(shared.filter(([, found]) => found.length > 0)),
    added: Object.fromEntries(now.filter(([key]) => !(key in first.resources))),
  };
}

/** Where two values differ; lists of another length, and values of another kind, as a whole. */
export function differences(before: Json, now: Json, at = ""): Difference[] {
  if (JSON.stringify(before) === JSON.stringify(now)) return [];
  const [one, other] = [fieldsOf(before), fieldsOf(now)];
  const isOfOneKind = one !== null && other !== null && Array.isArray(before) === Array.isArray(now);
  if (!isOfOneKind || (Array.isArray(before) && Object.keys(one).length !== Object.keys(other).length)) {
    return [{ at, ...(before === undefined ? {} : { before }), ...(now === undefined ? {} : { now }) }];
  }
  const names = [...new Set([...Object.keys(one), ...Object.keys(other)])];
  return names.flatMap((name) => differences(one[name], other[name], at === "" ? name : `${at}.${name}`));
}

/** They are named by type and name already, and what most of them do not have need not be read each time. */
function withoutEmptyFields({ inputs, ...rest }: RecordedResource): JsonObject {
  const isEmpty = (value: Json): boolean =>
    value === "" || value === false || (Array.isArray(value) && value.length === 0);
  // The serialised methods of a dynamic resource: their text changes with the layout of a source file.
  const readable = "__provider" in inputs ? { ...inputs, __provider: "[code]" } : inputs;
  const said: readonly string[] = ["type", "name"];
  const fields = Object.entries(rest).filter(([field, value]) => !said.includes(field) && !isEmpty(value));
  return { ...Object.fromEntries(fields), ...(Object.keys(readable).length === 0 ? {} : { inputs: readable }) };
}

/** The same wherever the project lies. */
function located(graph: ReviewedGraph): ReviewedGraph {
  return JSON.parse(JSON.stringify(graph).replaceAll(process.cwd(), ".")) as ReviewedGraph;
}

function fieldsOf(value: Json): JsonObject | null {
  return typeof value === "object" && value !== null ? (value as JsonObject) : null;
}
