import { fault } from "../shared/errors.ts";

/**
 * The stack a script is called for: its one word that is not a flag.
 * @param words The words that are not flags.
 * @returns Its name, `dev` unless one is given, and the fault of several.
 */
export function stackArgument(words: readonly string[]): {
  readonly stack: string;
  readonly faults: readonly string[];
} {
  const [stack = "dev", ...rest] = words;
  const faults = rest.length > 0 ? [fault("the stack", "must be one name", words, "name one stack")] : [];
  return { stack, faults };
}
