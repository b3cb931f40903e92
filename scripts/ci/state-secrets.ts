/** Marks a value in a state that is more than plain JSON. */
const signatureKey = "4dabf18193072939515e22adb298388d";
/** Marks such a value as a secret. `pulumi stack export --show-secrets` puts its value beside it, as JSON. */
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";

/** Where a value stands: names and indices, outermost first. */
export type Place = readonly string[];

/**
 * Maps a value to another one, text by text.
 * @param value The value, of any shape; secrets in it are shown.
 * @param change What becomes of a text, and whether it is part of a secret.
 * @returns The other value, of the same shape.
 */
export function mapTexts(value: unknown, change: (text: string, place: Place, secret: boolean) => string): unknown {
  return walk(value, { place: [], secret: false }, change);
}

interface Position {
  readonly place: Place;
  readonly secret: boolean;
}

function walk(value: unknown, at: Position, change: Parameters<typeof mapTexts>[1]): unknown {
  if (typeof value === "string") return change(value, at.place, at.secret);
  if (Array.isArray(value)) return value.map((item, index) => walk(item, inside(at, String(index)), change));
  if (!isRecord(value)) return value;
  if (value[signatureKey] === secretSignature && typeof value["plaintext"] === "string") {
    const shown: unknown = JSON.parse(value["plaintext"]);
    return { ...value, plaintext: JSON.stringify(walk(shown, { ...at, secret: true }, change)) };
  }
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, walk(item, inside(at, key), change)]));
}

function inside({ place, secret }: Position, key: string): Position {
  return { place: [...place, key], secret };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
