import { UnknownValueError } from "@pulumi/policy";

/**
 * Lets a rule judge in a preview, where some values are not known yet. What it cannot see is judged during `up`, before
 * it is created; otherwise the engine would report this for each rule, as if something were wrong.
 * @param judge The rule, applied.
 * @returns What it found; nothing when it met a value that is not known yet.
 */
export function asFarAsKnown<Found>(judge: () => readonly Found[]): readonly Found[] {
  try {
    return judge();
  } catch (error) {
    if (error instanceof UnknownValueError) return [];
    throw error;
  }
}
