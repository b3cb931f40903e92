import { isDeepStrictEqual } from "node:util";
import { isObject, type Draft } from "../shared/property.ts";

/** Whether two JSON texts say the same. */
export function isSameJson(left: Draft, right: Draft): boolean {
  return left === right || isDeepStrictEqual(parsed(left), parsed(right));
}

/** Whether two mount paths name the same mount: slashes at the ends mean nothing. */
export function isSamePath(left: Draft, right: Draft): boolean {
  return trimmedPath(left) === trimmedPath(right);
}

/** Whether two texts are the same but for upper and lower case: Vault stores some names in lower case. */
export function isSameText(left: Draft, right: Draft): boolean {
  const lower = (text: Draft): Draft => (typeof text === "string" ? text.toLowerCase() : text);
  return lower(left) === lower(right);
}

/** Whether two lists name the same networks: Vault returns a single host without its prefix length. */
export function isSameNetworks(left: Draft, right: Draft): boolean {
  return isDeepStrictEqual(networks(left), networks(right));
}

/** A path without slashes at its ends. */
export function trimmedPath(path: Draft | undefined): string {
  return typeof path === "string" ? path.replace(/^\/+|\/+$/g, "") : "";
}

function networks(list: Draft): string[] {
  const texts = Array.isArray(list) ? list.filter((item) => typeof item === "string") : [];
  return [...new Set(texts.map((text) => text.replace(/^([\d.]+)\/32$|^([\da-f:]+)\/128$/i, "$1$2")))].sort();
}

function parsed(text: Draft): unknown {
  if (typeof text !== "string") return isObject(text) ? text : undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
