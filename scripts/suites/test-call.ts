import { fault } from "../../shared/errors.ts";

/** Which live suites are asked for. */
export type SuiteChoice =
  | { readonly kind: "none" }
  | { readonly kind: "short" }
  | { readonly kind: "all" }
  | { readonly kind: "matching"; readonly filters: readonly string[] };

/** A call of `npm test`, `npm run test:faults` or `npm run test:live`, understood. */
export interface TestCall {
  /** Checks and unit tests. */
  readonly offline: boolean;
  readonly faultWalk: boolean;
  readonly suites: SuiteChoice;
}

const flags = ["--no-live", "--live", "--all", "--faults"] as const;
type Flag = (typeof flags)[number];

/**
 * Reads `[--no-live | --faults | --live [--all | <file filter>…]]`.
 * @returns The call, or every fault of it.
 */
export function parseTestCall(words: readonly string[]): TestCall | { readonly faults: readonly string[] } {
  const filters = words.filter((word) => !word.startsWith("-"));
  const unknown = words.filter((word) => word.startsWith("-") && !flags.some((flag) => flag === word));
  const has = (flag: Flag): boolean => words.includes(flag);
  const faults: string[] = [];
  if (unknown.length > 0) faults.push(fault("flags", `must be among ${flags.join(", ")}`, unknown, "drop them"));
  if (filters.length > 0 && !has("--live")) {
    faults.push(fault("the call", "must name no file", filters, "run npm run test:live -- <part of a file name>"));
  }
  if (filters.length > 0 && has("--all")) {
    faults.push(fault("--all", "must stand alone, since it runs every file", filters, "drop it, or the names"));
  }
  if (faults.length > 0) return { faults };
  const onlyFaults = has("--faults");
  const offline = !has("--live") && !onlyFaults;
  return { offline, faultWalk: offline || onlyFaults, suites: suitesOf() };

  function suitesOf(): SuiteChoice {
    if (has("--no-live") || onlyFaults) return { kind: "none" };
    if (filters.length > 0) return { kind: "matching", filters };
    return { kind: has("--all") ? "all" : "short" };
  }
}
