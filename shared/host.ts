import { isIP } from "node:net";

const dnsLabel = /^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/;

/**
 * An IP address on its own: without brackets, and without a zone, which means something on one machine only.
 * @returns True for an address of version 4 or 6.
 */
export function isAddress(text: string): boolean {
  return isIP(text) !== 0 && !text.includes("%");
}

/**
 * A host name (RFC 1123) in upper or lower case, which mean the same.
 * @returns True for a name; false for an address, and for digits that others would read as one.
 */
export function isDnsName(text: string): boolean {
  const labels = text.split(".");
  return text.length <= 253 && labels.every((one) => dnsLabel.test(one)) && !/^\d+$/.test(labels.at(-1) ?? "");
}

/**
 * A host by name or address.
 * @returns True for either.
 */
export function isHost(text: string): boolean {
  return isAddress(text) || isDnsName(text);
}

/**
 * Writes a host as it stands in URLs: an IPv6 address in brackets (RFC 3986).
 * @param host Host name or address.
 */
export function urlHost(host: string): string {
  return isIP(host) === 6 ? `[${host}]` : host;
}

/**
 * The reverse of {@link urlHost}.
 * @param host Host as it stands in a URL.
 * @returns The host, without the brackets of an IPv6 address.
 */
export function bareHost(host: string): string {
  return host.replace(/^\[(.*)\]$/, "$1");
}

/**
 * Writes host and port as they stand in URLs and addresses.
 * @param host Host name or address.
 * @returns `host:port`, with an IPv6 address in brackets.
 */
export function hostAndPort(host: string, port: number): string {
  return `${urlHost(host)}:${port}`;
}

/** A URL split into its parts, as it is written. */
export interface WrittenUrl {
  readonly scheme: string;
  /** Without brackets. */
  readonly host: string;
  /** Undefined for the default port of the scheme. */
  readonly port: number | undefined;
  /** Empty, or starting with its slash. */
  readonly path: string;
  /** Empty, or starting with its question mark. */
  readonly query: string;
}

/**
 * Splits the URL of a service into its parts exactly as written: the web's URL parser would correct it, and others
 * would not. An account or a fragment has no place in one.
 * @returns Its parts; null for anything that is not such a URL.
 */
export function parseUrl(text: string): WrittenUrl | null {
  const written =
    /^([a-z][a-z0-9+.-]*):\/\/(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9.-]+))(?::(\d{1,5}))?(\/[^?#\s\\]*)?(\?[^#\s\\]*)?$/;
  const [, scheme = "", bracketed, plain, digits, path = "", query = ""] = written.exec(text) ?? [];
  const host = bracketed ?? plain ?? "";
  const port = digits === undefined ? undefined : Number(digits);
  const isPort = port === undefined || (port >= 1 && port <= 65_535);
  const fits = bracketed === undefined ? isHost(host) : isIP(bracketed) === 6;
  return fits && isPort && isAscii(text) ? { scheme, host, port, path, query } : null;
}

function isAscii(text: string): boolean {
  return /^[\x21-\x7e]*$/.test(text);
}
