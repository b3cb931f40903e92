import { toSeconds } from "../../../shared/units.ts";
import type { Capability, PolicyRule, Wrapping } from "../policy-document.ts";

/** One segment of a path: a literal text, or a prefix. */
interface Segment {
  readonly text: string;
  readonly open: boolean;
}

/** The paths a rule matches, segment by segment. */
interface Pattern {
  readonly segments: readonly Segment[];
  /** Whether any further segments may follow. */
  readonly tail: boolean;
}

/** A path where some rules allow more than others. */
export interface GainedAccess {
  /** Where, written like the path of a rule; only a part of a rule's path where several rules overlap. */
  readonly path: string;
  /** What only one side allows there. */
  readonly capabilities: readonly Capability[];
  /** What the other side allows there. */
  readonly before: readonly Capability[];
  /** How each side wants answers wrapped there; null for not at all. Absent where neither side wants it. */
  readonly wrapping?: { readonly before: Wrapping | null; readonly after: Wrapping | null };
}

/** What a token may do at one path. */
interface Allowed {
  readonly capabilities: readonly Capability[];
  readonly wrapping: Wrapping | null;
}

/** Stands for text that no rule names. No path of a rule can contain it. */
const anything = "\u0000";

/**
 * What Vault allows a token on a path: of all matching rules, only the one with the highest priority counts.
 * @param rules All rules of the token, {@link mergeRules merged}.
 * @returns The capabilities; none when nothing matches or the rule denies.
 */
export function capabilitiesAt(rules: readonly PolicyRule[], path: string): readonly Capability[] {
  return allowedAt(rules, path).capabilities;
}

function allowedAt(rules: readonly PolicyRule[], path: string): Allowed {
  const matching = rules.filter((rule) => matches(parse(rule.path), path));
  const [first, ...rest] = matching;
  if (first === undefined) return { capabilities: [], wrapping: null };
  const best = rest.reduce((winner, rule) => (isBefore(winner.path, rule.path) ? rule : winner), first);
  if (best.capabilities.includes("deny")) return { capabilities: [], wrapping: null };
  return { capabilities: best.capabilities, wrapping: best.wrapping ?? null };
}

/**
 * The rules of a token with several policies. Rules for the same path are merged into one, in which a denial wins, and
 * so do the shorter wrapping times.
 * @param rules The rules of all its policies.
 * @returns One rule per path, sorted.
 */
export function mergeRules(rules: readonly PolicyRule[]): PolicyRule[] {
  const byPath = Map.groupBy(rules, ({ path }) => path);
  const merged = Array.from(byPath, ([path, same]): PolicyRule => {
    const all = new Set(same.flatMap(({ capabilities }) => capabilities));
    if (all.has("deny")) return { path, capabilities: ["deny"] };
    const wrappings = same.flatMap(({ wrapping }) => wrapping ?? []);
    const shortest = (end: keyof Wrapping): Wrapping["min"][] =>
      wrappings.map((wrapping) => wrapping[end]).sort((a, b) => toSeconds(a) - toSeconds(b));
    const [[min], [max]] = [shortest("min"), shortest("max")];
    const wrapped = min === undefined || max === undefined ? {} : { wrapping: { min, max } };
    return { path, capabilities: [...all].sort(), ...wrapped };
  });
  return merged.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/**
 * Where new rules allow what old rules do not, for every path there is.
 *
 * It is enough to look at one path for each new rule, and one for each pair of a new and an old rule that can match the
 * same path, at each number of segments. Apart from what its own two rules say, such a path contains nothing that a
 * rule names, so other rules match it only if they match everything that these two match at that length.
 * @param before The old rules, merged.
 * @param after The new rules, merged.
 * @returns Each gain once, at its widest; none when the new rules allow nothing more.
 */
export function gainedAccess(before: readonly PolicyRule[], after: readonly PolicyRule[]): GainedAccess[] {
  const old = before.map(({ path }) => parse(path));
  const candidates = after.flatMap(({ path }) => {
    const pattern = parse(path);
    return [pattern, ...old.map((other) => intersection(pattern, other)).filter((both) => both !== null)];
  });
  const depth = Math.max(0, ...[...before, ...after].map(({ path }) => path.split("/").length));
  const lengths = candidates.flatMap((pattern) => [pattern, ...ofEachLength(pattern, depth)]);
  const gains = lengths.flatMap((pattern) => {
    const path = exampleOf(pattern, depth);
    const was = allowedAt(before, path);
    const is = allowedAt(after, path);
    const capabilities = is.capabilities.filter((capability) => !was.capabilities.includes(capability));
    const isFreer = capabilities.length < is.capabilities.length && isLooser(was.wrapping, is.wrapping);
    return capabilities.length === 0 && !isFreer ? [] : [{ pattern, path, capabilities, was, is }];
  });
  const isWithin = (inner: (typeof gains)[number], outer: (typeof gains)[number]): boolean =>
    matches(outer.pattern, inner.path) &&
    inner.capabilities.every((one) => outer.capabilities.includes(one)) &&
    isSameWrapping(inner, outer);
  return gains
    .filter((gain, index) =>
      gains.every((other, at) => at === index || !isWithin(gain, other) || (isWithin(other, gain) && at > index)),
    )
    .map(({ pattern, capabilities, was, is }) => ({
      path: render(pattern),
      capabilities,
      before: was.capabilities,
      ...((was.wrapping !== null || is.wrapping !== null) && {
        wrapping: { before: was.wrapping, after: is.wrapping },
      }),
    }));
}

/**
 * Whether one wrapping allows a longer or a shorter time than another.
 * @param before The first one; null for an answer that need not be wrapped.
 * @returns True when the second allows what the first does not.
 */
export function isLooser(before: Wrapping | null, after: Wrapping | null): boolean {
  if (before === null) return false;
  if (after === null) return true;
  return toSeconds(after.max) > toSeconds(before.max) || toSeconds(after.min) < toSeconds(before.min);
}

interface Sides {
  readonly was: Allowed;
  readonly is: Allowed;
}

function isSameWrapping(a: Sides, b: Sides): boolean {
  const text = ({ was, is }: Sides): string => JSON.stringify([was.wrapping, is.wrapping]);
  return text(a) === text(b);
}

function parse(path: string): Pattern {
  const tail = path.endsWith("*");
  const texts = (tail ? path.slice(0, -1) : path).split("/");
  const segments = texts.map((text, index) =>
    text === "+" ? { text: "", open: true } : { text, open: tail && index === texts.length - 1 },
  );
  return { segments, tail };
}

function matches({ segments, tail }: Pattern, path: string): boolean {
  const parts = path.split("/");
  if (tail ? parts.length < segments.length : parts.length !== segments.length) return false;
  return segments.every(({ text, open }, index) => {
    const part = parts[index] ?? "";
    return open ? part.startsWith(text) : part === text;
  });
}

/** What both match; null when there is no such path. */
function intersection(a: Pattern, b: Pattern): Pattern | null {
  const [short, long] = a.segments.length <= b.segments.length ? [a, b] : [b, a];
  const isLonger = long.segments.length > short.segments.length;
  if (isLonger && !short.tail) return null;
  const segments: Segment[] = [];
  for (const [index, segment] of long.segments.entries()) {
    const other = short.segments[index];
    const both = other === undefined ? segment : meet(segment, other);
    if (both === null) return null;
    segments.push(both);
  }
  return { segments, tail: long.tail && (isLonger || short.tail) };
}

function meet(a: Segment, b: Segment): Segment | null {
  if (a.open && b.open) {
    if (a.text.startsWith(b.text)) return a;
    return b.text.startsWith(a.text) ? b : null;
  }
  const [closed, other] = a.open ? [b, a] : [a, b];
  const fits = other.open ? closed.text.startsWith(other.text) : closed.text === other.text;
  return fits ? closed : null;
}

/**
 * The part of an open-ended pattern with no further segment, with one, and so on; beyond the length of the longest
 * rule, all are alike.
 */
function ofEachLength({ segments, tail }: Pattern, depth: number): Pattern[] {
  if (!tail) return [];
  return Array.from({ length: depth }, (_, more) => ({
    segments: [...segments, ...Array.from({ length: more }, () => ({ text: "", open: true }))],
    tail: false,
  }));
}

/** A path that matches the pattern and, of all other rules, only those that match everything the pattern matches. */
function exampleOf({ segments, tail }: Pattern, depth: number): string {
  const parts = segments.map(({ text, open }) => (open ? text + anything : text));
  return [...parts, ...(tail ? Array.from({ length: depth }, () => anything) : [])].join("/");
}

function render({ segments, tail }: Pattern): string {
  return segments
    .map(({ text, open }, index) => {
      if (!open) return text;
      if (tail && index === segments.length - 1) return `${text}*`;
      return text === "" ? "+" : `${text}…`;
    })
    .join("/")
    .concat(tail && segments.at(-1)?.open !== true ? "/*" : "");
}

/** Whether Vault gives the second of two matching rules priority, in its documented order. */
function isBefore(a: string, b: string): boolean {
  for (const rank of [firstWildcard, endsOpen, wildcards]) {
    const difference = rank(a) - rank(b);
    if (difference !== 0) return difference < 0;
  }
  return a.length === b.length ? a < b : a.length < b.length;
}

const firstWildcard = (path: string): number => (/[+*]/.test(path) ? path.search(/[+*]/) : Number.MAX_SAFE_INTEGER);
const endsOpen = (path: string): number => (path.endsWith("*") ? 0 : 1);
const wildcards = (path: string): number => -path.split("/").filter((segment) => segment === "+").length;
