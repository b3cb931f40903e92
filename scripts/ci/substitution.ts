/** What stands for what, text by text. */
export type Substitutes = ReadonlyMap<string, string>;

/** Shorter texts are replaced only where they stand alone, and not looked for inside other texts. */
const distinctLength = 8;

/**
 * Puts substitutes into a text: for one that stands alone, in base64, among the parts of JSON or, when it is long
 * enough not to occur by accident, anywhere.
 * @returns The resulting text; the same one when nothing in it is to be replaced.
 */
export function substituted(text: string, substitutes: Substitutes): string {
  const alone = substitutes.get(text);
  if (alone !== undefined) return alone;
  const decoded = decodedBase64(text);
  if (decoded !== null) {
    const other = substitutes.get(decoded);
    if (other !== undefined) return encodedBase64(other);
  }
  const parsed = parsedJson(text);
  if (parsed !== null) return JSON.stringify(partsSubstituted(parsed, substitutes));
  return [...substitutes].reduce(
    (result, [from, to]) => (from.length < distinctLength ? result : result.replaceAll(from, to)),
    text,
  );
}

/**
 * Looks for texts that should not be there, in all forms they may have there.
 * @param wanted What is looked for; what is too short to be told from other texts is skipped.
 * @returns How many of them are there.
 */
export function remaining(text: string, wanted: Iterable<string>): number {
  return [...wanted].filter((one) => one.length >= distinctLength && formsOf(one).some((form) => text.includes(form)))
    .length;
}

/**
 * The text that base64 encodes.
 * @returns Null when it is not base64, or does not encode text.
 */
export function decodedBase64(text: string): string | null {
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return null;
  const decoded = Buffer.from(text, "base64").toString("utf8");
  return encodedBase64(decoded) === text ? decoded : null;
}

function encodedBase64(text: string): string {
  return Buffer.from(text).toString("base64");
}

function formsOf(text: string): string[] {
  const escaped = JSON.stringify(text).slice(1, -1);
  const twice = JSON.stringify(escaped).slice(1, -1);
  return [text, escaped, twice, encodedBase64(text).replace(/=+$/, "").slice(0, -1)];
}

/** Null for what is not an object or list, or would not give the same text when written again. */
function parsedJson(text: string): unknown {
  if (!/^[[{]/.test(text)) return null;
  try {
    const parsed: unknown = JSON.parse(text);
    return JSON.stringify(parsed) === text ? parsed : null;
  } catch {
    return null;
  }
}

function partsSubstituted(value: unknown, substitutes: Substitutes): unknown {
  if (typeof value === "string") return substituted(value, substitutes);
  if (Array.isArray(value)) return value.map((item) => partsSubstituted(item, substitutes));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, partsSubstituted(item, substitutes)]));
}
