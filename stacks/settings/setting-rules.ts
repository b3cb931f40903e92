/** The rules of single settings. Each message reads `<what must hold>; <what to do>`. */
import { z } from "zod";
import { isHost, parseUrl } from "../../shared/host.ts";
import { isPinnedImage } from "../../shared/image-reference.ts";
import { isSubdomain } from "../../shared/kubernetes-name.ts";
import { isCertificates } from "../../shared/pem.ts";
import { type Duration, durationFaults, isDuration, isSize, longestDuration, type Size } from "../../shared/units.ts";

function message(must: string, remedy: string): { error: string } {
  return { error: `${must}; ${remedy}` };
}

/** Text of this pattern. */
export function text(pattern: RegExp, must: string, remedy: string): z.ZodString {
  return z.string(message(must, remedy)).regex(pattern, message(must, remedy));
}

/** A namespace the stack makes. */
export function namespace(): z.ZodString {
  return text(
    /^(?!default$|kube-)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/,
    "must be a namespace of its own: at most 63 lower-case letters, digits and inner dashes",
    "choose another name",
  );
}

/** One of these words. */
export function oneOf<const Words extends readonly [string, ...string[]]>(words: Words, remedy: string) {
  return z.enum(words, message(`must be ${words.join(" or ")}`, remedy));
}

/** Consent for one run. */
export function consent() {
  return z.boolean(message("must be true or false", "use true for one run only"));
}

/** A whole number within these bounds. */
export function wholeNumber(minimum: number, maximum: number, remedy: string) {
  const rule = message(`must be a whole number from ${minimum} to ${maximum}`, remedy);
  return z.int(rule).min(minimum, rule).max(maximum, rule);
}

/** A node port, or none. */
export function nodePort() {
  const rule = message("must be 0 or a node port from 30000 to 32767", "use 0 for none");
  return z.int(rule).refine((port) => port === 0 || (port >= 30_000 && port <= 32_767), rule);
}

/** A port this machine listens on. */
export function tunnelPortNumber() {
  const rule = message("must be a port from 1024 to 65535", "leave it out to derive it from the stack's name");
  return z.int(rule).min(1024, rule).max(65_535, rule);
}

/** A port of a server. */
export function serverPort() {
  const rule = message("must be a port from 1 to 65535", "Postgres' own is 5432");
  return z.int(rule).min(1, rule).max(65_535, rule);
}

/** A host by name or address. */
export function hostName(what = "a host name or address") {
  const rule = message(`must be ${what}`, "leave out scheme and port, and the brackets of an address");
  return z.string(rule).refine(isHost, rule);
}

/** A storage class, or none. */
export function storageClassName() {
  const rule = message("must be the name of a storage class or empty", "list them with `kubectl get sc`");
  return z.string(rule).refine((name) => name === "" || isSubdomain(name), rule);
}

/** A login of a Postgres server that others created; Postgres counts its length in bytes. */
export function loginName() {
  const rule = message(
    "must be the name of a login",
    "leave out spaces, quotes and backslashes; it has at most 63 bytes",
  );
  return z.string(rule).refine((name) => /^[^\s'"\\\p{Cc}]+$/u.test(name) && Buffer.byteLength(name) <= 63, rule);
}

/** Certificates, and nothing else. */
export function certificates(remedy: string) {
  const rule = message("must be certificates in PEM", remedy);
  return z.string(rule).refine(isCertificates, rule);
}

/** A size in binary units. */
export function size() {
  const rule = message("must be a positive whole number and a binary unit", "write it as 10Gi");
  return z.string(rule).refine((value): value is Size => isSize(value), rule);
}

// A moving tag would change Vault's version at the next restart of a pod, without any preview showing it.
/** An image with a fixed tag or digest. */
export function image() {
  const rule = message(
    "must be an image with a tag other than latest, or a digest",
    "write it as hashicorp/vault:1.21.0",
  );
  return z.string(rule).refine(isPinnedImage, rule);
}

/** A URL without a path. */
export function baseUrl() {
  const rule = message("must be http:// or https:// with a host and at most a port", "leave out path, user and query");
  return z.string(rule).refine((url) => {
    const parts = parseUrl(url);
    return parts !== null && /^https?$/.test(parts.scheme) && parts.path === "" && parts.query === "";
  }, rule);
}

/** A repository of charts. */
export function chartRepository() {
  const rule = message("must be the https:// URL of a chart repository", "leave out user and query");
  return z.string(rule).refine((url) => {
    const parts = parseUrl(url);
    return parts?.scheme === "https" && parts.query === "";
  }, rule);
}

// A range would change the operator at the next run, without the author of the settings noticing.
/** The version of a chart. */
export function chartVersion() {
  // Semantic Versioning 2, with the v that some repositories put before it.
  const part = "(0|[1-9]\\d*)";
  const rest = "(-[0-9A-Za-z-]+(\\.[0-9A-Za-z-]+)*)?(\\+[0-9A-Za-z-]+(\\.[0-9A-Za-z-]+)*)?";
  return text(new RegExp(`^v?${part}\\.${part}\\.${part}${rest}$`), "must be one version", "write it as 0.10.0");
}

/** A chart on this machine. */
export function chartPath() {
  return text(/^\/[^\0\r\n]*[^\0\s]$/, "must be the absolute path of a chart", "name its folder or package");
}

/** A span of time. */
export function duration() {
  const rule = message("must be a positive whole number and a unit", "write it as 30s, 24h or 90d");
  const most = message(`must be at most ${longestDuration}`, "Vault and Kubernetes count no further");
  return z
    .string(rule)
    .refine((value): value is Duration => isDuration(value), rule)
    .refine((value) => !isDuration(value) || durationFaults("", value).length === 0, most);
}

/** A private PGP key, or nothing. */
export function armoredPrivateKey() {
  return text(
    /^(|-----BEGIN PGP PRIVATE KEY BLOCK-----[^]*-----END PGP PRIVATE KEY BLOCK-----\s*)$/,
    "must be an armored OpenPGP private key",
    "make a pair with `npm run escrow -- <stack>`",
  );
}

/** A public PGP key of this pattern. */
export function publicKey(pattern: RegExp, remedy: string) {
  const packet = message("must begin with an OpenPGP public key packet", remedy);
  return text(pattern, "must be an OpenPGP public key in base64, without line breaks", remedy).pipe(
    z.string().refine((key) => key === "" || isPublicKeyPacket(key), packet),
  );
}

/** Public PGP keys of people. */
export function holders() {
  const remedy = "export each with `gpg --export <id> | base64 -w0`";
  const rule = message("must list the PGP public keys of people", remedy);
  return z.array(publicKey(/^[A-Za-z0-9+/]+={0,2}$/, remedy), rule).min(1, rule);
}

function isPublicKeyPacket(base64: string): boolean {
  // RFC 9580, 4.2: tag 6, in the new form or in the old one with a length of one, two or four octets.
  return [0xc6, 0x98, 0x99, 0x9a].includes(Buffer.from(base64, "base64")[0] ?? 0);
}
