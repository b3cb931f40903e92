import { createHash } from "node:crypto";
import type { Place } from "./state-secrets.ts";

/** A setting that is stored encrypted. */
export interface SecureSetting {
  /** Where it stands in the settings file, below `config`. */
  readonly place: Place;
  /** Tells one encrypted value from another. */
  readonly fingerprint: string;
}

/**
 * Finds what is stored encrypted in settings.
 * @param config The part `config` of a settings file.
 * @returns Each value with its place.
 */
export function secureSettings(config: unknown): SecureSetting[] {
  return visit(config, []);
}

function visit(value: unknown, place: Place): SecureSetting[] {
  if (typeof value !== "object" || value === null) return [];
  if (isSecure(value)) return [{ place, fingerprint: createHash("sha256").update(value.secure).digest("hex") }];
  return Object.entries(value).flatMap(([key, inner]) => visit(inner, [...place, key]));
}

/**
 * The same settings without what is stored encrypted.
 * @param config The part `config` of a settings file.
 */
export function withoutSecure(config: unknown): unknown {
  if (typeof config !== "object" || config === null || Array.isArray(config)) return config;
  const rest = Object.entries(config)
    .filter(([, value]) => !isSecure(value))
    .map(([key, value]): [string, unknown] => [key, withoutSecure(value)]);
  return Object.fromEntries(rest);
}

/** Writes a place as `pulumi config set --path` takes it. */
export function settingPath([key = "", ...parts]: Place): string {
  return [key, ...parts.map((part) => `[${/^\d+$/.test(part) ? part : JSON.stringify(part)}]`)].join("");
}

function isSecure(value: unknown): value is { readonly secure: string } {
  return typeof value === "object" && value !== null && "secure" in value && typeof value.secure === "string";
}
