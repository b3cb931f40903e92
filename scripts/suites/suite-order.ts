/** A file of live tests. */
export interface Suite {
  /** Its path in the repository. */
  readonly file: string;
  /** The project of vitest.config.ts it belongs to. */
  readonly project: "live" | "live-long";
}

/** It takes the cluster away, with every stack on it. */
const last = "sandbox-lifecycle";

/** Those that use what a cluster has once: the operator, the gateway, the stacks `dev` and `ha` as shipped. */
const clusterWide = "/cluster-wide/";

/**
 * The order suites run in: the short ones first, then those that use what a cluster has once, since they wait for one another, by
 * their names otherwise, and at the end what takes the cluster away.
 * @returns All of them.
 */
export function orderSuites(suites: readonly Suite[]): Suite[] {
  const rank = ({ file, project }: Suite): number =>
    file.includes(last) ? 3 : project === "live" ? 0 : file.includes(clusterWide) ? 1 : 2;
  return suites.toSorted((one, other) => rank(one) - rank(other) || one.file.localeCompare(other.file));
}

/**
 * Whether a suite may begin while others run. The short ones run one at a time, as `npm test` runs them.
 * @param running Those that run.
 */
export function mayBegin(suite: Suite, running: readonly Suite[]): boolean {
  const isAlone = ({ file, project }: Suite): boolean => project === "live" || file.includes(last);
  if (isAlone(suite)) return running.length === 0;
  const isClusterWide = ({ file }: Suite): boolean => file.includes(clusterWide);
  return !running.some((other) => isAlone(other) || (isClusterWide(suite) && isClusterWide(other)));
}

/**
 * The suites that some parts of file names mean.
 * @returns Them, or the fault of parts that mean none.
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
