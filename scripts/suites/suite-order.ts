/** A file of live tests. */
export interface Suite {
  /** Its path in the repository. */
  readonly file: string;
  /** The project of vitest.config.ts it belongs to. */
  readonly project: "live" | "live-long";
}

/** The short ones, as `npm test` runs them. */
const isShort = ({ project }: Suite): boolean => project === "live";

/** It deletes the cluster, with every stack on it. */
const isLast = ({ file }: Suite): boolean => file.includes("sandbox-lifecycle");

/** Those that use what a cluster has only once: the operator, the gateway, the stacks `dev` and `ha` as shipped. */
const isClusterWide = ({ file }: Suite): boolean => file.includes("/cluster-wide/");

/**
 * The order suites run in: the short ones first, then those that use what a cluster has only once, since they wait for
 * one another, then the rest, each group by name, and at the end what deletes the cluster.
 */
export function orderSuites(suites: readonly Suite[]): Suite[] {
  const rank = (suite: Suite): number => (isLast(suite) ? 3 : isShort(suite) ? 0 : isClusterWide(suite) ? 1 : 2);
  return suites.toSorted((one, other) => rank(one) - rank(other) || one.file.localeCompare(other.file));
}

/**
 * Whether a suite may begin while others run.
 * @param running Those that run.
 */
export function mayBegin(suite: Suite, running: readonly Suite[]): boolean {
  const isAlone = (one: Suite): boolean => isShort(one) || isLast(one);
  if (isAlone(suite)) return running.length === 0;
  return !running.some((other) => isAlone(other) || (isClusterWide(suite) && isClusterWide(other)));
}

/**
 * The suites that the given parts of file names match.
 * @returns The suites, or the fault of parts that match none.
 */
export function matchingSuites(
  suites: readonly Suite[],
  filters: readonly string[],
): readonly Suite[] | { readonly fault: string } {
  const idle = filters.filter((filter) => !suites.some(({ file }) => file.includes(filter)));
  if (idle.length === 0) return suites.filter(({ file }) => filters.some((filter) => file.includes(filter)));
  const names = suites.map(({ file }) => file.replace(/^.*\/|\.test\.ts$/g, "")).join(", ");
  return { fault: `the suites: must each be part of a file's name, got ${idle.join(", ")}; there is ${names}` };
}
