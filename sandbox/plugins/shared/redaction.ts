import { isObject, Secret, Unknown, type Property } from "./property.ts";

/**
 * The values of secrets this process has met, so that text on its way to a person can be cleared of them.
 * Messages are written without values in the first place; this is the second line, for text that servers return.
 */
export class SecretValues {
  readonly #values = new Set<string>();

  /** Remembers every secret text inside the value, also inside JSON text. */
  collect(value: Property): void {
    if (value instanceof Secret) {
      this.#collectTexts(value.value);
    } else if (Array.isArray(value)) {
      value.forEach((element) => {
        this.collect(element);
      });
    } else if (isObject(value)) {
      Object.values(value).forEach((element) => {
        this.collect(element);
      });
    }
  }

  /** Remembers a secret the plugin obtained itself, a session token for example. */
  add(text: string): void {
    if (text.length >= shortestRedacted) this.#values.add(text);
  }

  /** The text with every remembered secret replaced. */
  redact(text: string): string {
    const longestFirst = [...this.#values].sort((a, b) => b.length - a.length);
    return longestFirst.reduce((redacted, value) => redacted.replaceAll(value, "[secret]"), text);
  }

  #collectTexts(value: Property): void {
    if (value instanceof Secret) {
      this.#collectTexts(value.value);
    } else if (Array.isArray(value)) {
      value.forEach((element) => {
        this.#collectTexts(element);
      });
    } else if (isObject(value)) {
      Object.values(value).forEach((element) => {
        this.#collectTexts(element);
      });
    } else if (typeof value === "string") {
      this.#collectText(value);
    } else if (value !== null && !(value instanceof Unknown)) {
      this.add(String(value));
    }
  }

  #collectText(text: string): void {
    this.add(text);
    for (const line of text.split("\n")) if (line.length >= shortestRedactedLine) this.add(line);
    const parsed = parsedObject(text);
    if (parsed !== undefined) this.#collectTexts(parsed);
  }
}

/** Shorter secrets would tear ordinary words apart; they are guessable anyway. */
const shortestRedacted = 4;

/** Lines of a key or certificate, not the short lines of ordinary text. */
const shortestRedactedLine = 16;

function parsedObject(text: string): Property | undefined {
  if (!text.startsWith("{") && !text.startsWith("[")) return undefined;
  try {
    return JSON.parse(text) as Property;
  } catch {
    return undefined;
  }
}
