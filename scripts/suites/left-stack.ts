/** A stack that a suite of tests has left behind. */
export interface LeftStack {
  readonly name: string;
  /** Its settings by full name. */
  readonly config: Readonly<Record<string, unknown>>;
}

/**
 * Which namespaces belong to a left stack: those its settings name, and, by the tests' convention, those that begin
 * with its name.
 * @param existing Every namespace of the cluster.
 */
export function namespacesOf({ name, config }: LeftStack, existing: readonly string[]): string[] {
  const named = namedIn(config);
  return existing.filter(
    (namespace) => namespace === name || namespace.startsWith(`${name}-`) || named.includes(namespace),
  );
}

function namedIn(settings: object): unknown[] {
  return Object.entries(settings).flatMap(([key, value]: [string, unknown]) => {
    if (/namespace$/i.test(key)) return [value];
    return typeof value === "object" && value !== null ? namedIn(value) : [];
  });
}
