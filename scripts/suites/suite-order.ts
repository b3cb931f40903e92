/** A file of live tests. */
export interface Suite {
  /** Its path in the repository. */
  readonly file: string;
  /** The project of vitest.config.ts it belongs to. */
  readonly project: "live" | "live-long";
}

/** It takes the cluster away, with every stack on it. */
const last = "sandbox-lifecycle";

/**
 * The order suites run in: the short ones first, by their names otherwise, and at the end what takes the cluster away.
 * @returns All of them.
 */
export function orderSuites(suites: readonly Suite[]): Suite[] {
  const rank = ({ file, project }: Suite): number => (file.includes(last) ? 2 : project === "live" ? 0 : 1);
  return suites.toSorted((one, other) => rank(one) - rank(other) || one.file.localeCompare(other.file));
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
