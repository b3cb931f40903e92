import { isUnknown } from "./unknown.ts";

/** One fault of an input: where, and what must hold. */
export interface Fault {
  readonly property: string;
  readonly reason: string;
}

/** Collects faults; a value not known yet has none. */
export class Faults {
  readonly list: Fault[] = [];

  /** Notes a fault unless the value holds. Never give a secret value to `got`. */
  expect(property: string, value: unknown, holds: boolean, must: string, got?: string): void {
    if (!isUnknown(value) && !holds) {
      this.list.push({ property, reason: `${property}: must ${must}${got === undefined ? "" : `, got ${got}`}` });
    }
  }

  /** A non-empty text. */
  text(property: string, value: unknown, must = "be a non-empty text"): void {
    this.expect(property, value, typeof value === "string" && value !== "", must, shown(value));
  }

  /** A whole number within bounds. */
  integer(property: string, value: unknown, min: number, max: number): void {
    const holds = typeof value === "number" && Number.isInteger(value) && value >= min && value <= max;
    this.expect(property, value, holds, `be a whole number from ${min} to ${max}`, shown(value));
  }

  /** A Kubernetes name. */
  label(property: string, value: unknown): void {
    const holds = typeof value === "string" && /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(value);
    this.expect(
      property,
      value,
      holds,
      "be a Kubernetes name (lower-case letters, digits and -, at most 63)",
      shown(value),
    );
  }
}

/** A value in a message, cut short. */
export function shown(value: unknown): string {
  if (value === undefined) return "nothing";
  return (typeof value === "function" ? "a function" : JSON.stringify(value)).slice(0, 80);
}

/** A property of something that may be anything. */
export function field(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined;
}
