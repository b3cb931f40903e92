import { isDeepStrictEqual } from "node:util";

/** The parts of a stack's settings file the sandbox deals with; others are kept as they are. */
export interface StackSettings {
  readonly config?: Readonly<Record<string, unknown>>;
  readonly encryptionsalt?: string;
  readonly [other: string]: unknown;
}

/**
 * The sandbox's settings of a stack: what is there, with every change of the tracked file on top.
 *
 * What only the sandbox has (its salt, its secrets, values set by `pulumi config set` or `up --config`) stays. A value
 * the tracked file has changed, added or dropped since the last run wins over it.
 *
 * @param present The sandbox's file, empty at first.
 * @param tracked The tracked file as it is now.
 * @param base The tracked file at the last run, empty at first.
 */
export function mergeStackSettings(present: StackSettings, tracked: StackSettings, base: StackSettings): StackSettings {
  const was = base.config ?? {};
  const is = tracked.config ?? {};
  const changed = [...new Set([...Object.keys(was), ...Object.keys(is)])].filter(
    (key) => !isDeepStrictEqual(was[key], is[key]),
  );
  const kept = Object.entries(present.config ?? {}).filter(([key]) => !changed.includes(key));
  const updated = Object.entries(is).filter(([key]) => changed.includes(key));
  return { ...present, config: Object.fromEntries([...kept, ...updated]) };
}

/**
 * What speaks against using a tracked settings file in the sandbox: secrets made with a passphrase or key it does not
 * have.
 *
 * @param name How to name the file.
 */
export function foreignSecretFaults(name: string, tracked: StackSettings): string[] {
  const owners = ["secretsprovider", "encryptedkey", "encryptionsalt"].filter((key) => tracked[key] !== undefined);
  return owners.map(
    (key) =>
      `${name}: must hold plain values only to be used in the sandbox, got ${key}; ` +
      "run this stack with --cluster current, or move its settings to a stack of another name",
  );
}
