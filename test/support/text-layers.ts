import { constants, inflateRawSync } from "node:zlib";

/** A text that was found inside another. Its characters are bytes, so that nothing is lost where it is no text. */
export interface Layer {
  /** How it was written there, outermost first; nothing for the text itself. */
  readonly ways: readonly string[];
  readonly bytes: string;
}

/** Deeper than anything writes: a release of Helm in JSON in JSON takes ten, and four such in one another forty. */
const depth = 48;

/** The shortest encoded text that is looked into; what is looked for is longer. */
const shortest = 12;

/**
 * A text and all that is written in it in another form, one inside the other: base64 at any alignment, with either
 * alphabet and in lines of any width, hexadecimal, lists of bytes, gzip and zlib, percent signs, entities, and the
 * escapes of JSON, JavaScript and Go.
 */
export function* layersOf(text: string): Generator<Layer> {
  const seen = new Set<string>();
  const open: Layer[] = [{ ways: [], bytes: Buffer.from(text).toString("latin1") }];
  for (let layer = open.pop(); layer !== undefined; layer = open.pop()) {
    const { ways, bytes } = layer;
    if (bytes.length < shortest || seen.has(bytes)) continue;
    seen.add(bytes);
    yield layer;
    if (ways.length === depth) continue;
    const readable = readablePartsOf(bytes);
    const inner = [...unpacked(bytes), ...decodings.flatMap(([way, decode]) => decode(readable).map(named(way)))];
    open.push(...inner.map(([way, found]) => ({ ways: [...ways, way], bytes: found })));
  }
}

/** A text without its line breaks, with what a diff puts before each line. */
export function withoutBreaks(bytes: string): string {
  return bytes.replace(/\s*\n\s*(?:[-+~|>]\s+)?|\s+/g, "");
}

const named =
  (way: string) =>
  (found: string): [string, string] => [way, found];

/** Each gives what may be meant by a text, nothing where nothing in it is written that way. */
const decodings: readonly (readonly [string, (text: string) => string[]])[] = [
  ["base64", (text) => [0, 1, 2, 3].map((skipped) => fromBase64(text, skipped))],
  ["hexadecimal", (text) => [0, 1].map((skipped) => fromHex(text, skipped))],
  ["a list of bytes", (text) => [fromList(text)]],
  ["line breaks", (text) => [withoutBreaks(text)]],
  ["escapes", (text) => [withoutEscapes(text)]],
  ["percent signs", (text) => [withoutPercents(text), withoutPercents(text.replaceAll("+", " "))]],
  ["entities", (text) => [withoutEntities(text)]],
];

/** What is decoded at a wrong alignment is noise, in which no further form needs to be looked for. */
function readablePartsOf(bytes: string): string {
  return (bytes.match(/(?:[\t\n\r\x20-\x7e]|[\xc2-\xf4][\x80-\xbf]{1,3}){12,}/g) ?? []).join("\0");
}

function fromBase64(text: string, skipped: number): string {
  const runs = text.match(/[A-Za-z0-9+/_-]{16,}/g) ?? [];
  return runs.map((run) => Buffer.from(run.slice(skipped), "base64").toString("latin1")).join("\n");
}

function fromHex(text: string, skipped: number): string {
  const runs = text.match(/[0-9a-f](?:[:\s-]?[0-9a-f]){23,}/gi) ?? [];
  const digits = runs.map((run) => run.replace(/[^0-9a-f]/gi, "").slice(skipped));
  return digits.map((run) => Buffer.from(run, "hex").toString("latin1")).join("\n");
}

/** What Node and Go make of bytes that nobody turned into a text. */
function fromList(text: string): string {
  const lists = text.match(/(?<!\d)\d{1,3}(?:(?:\s*,\s*|\s+)\d{1,3}(?!\d)){11,}/g) ?? [];
  return lists.map((list) => Buffer.from(list.split(/[,\s]+/).map(Number)).toString("latin1")).join("\n");
}

const control: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", b: "\b", f: "\f", v: "\v" };

function withoutEscapes(text: string): string {
  return text.replace(
    /((?:\\u[0-9a-f]{4})+)|\\x([0-9a-f]{2})|\\([0-3][0-7]{2})|\\([^])/gi,
    (_, unicode?: string, hex?: string, octal?: string, character: string = "") => {
      if (unicode !== undefined) return Buffer.from(JSON.parse(`"${unicode}"`) as string).toString("latin1");
      if (hex !== undefined) return String.fromCharCode(parseInt(hex, 16));
      if (octal !== undefined) return String.fromCharCode(parseInt(octal, 8));
      return control[character] ?? character;
    },
  );
}

function withoutPercents(text: string): string {
  return text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
}

const entities: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

function withoutEntities(text: string): string {
  return text.replace(
    /&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]+));/gi,
    (whole, decimal?: string, hex?: string, name: string = "") => {
      const code = decimal === undefined ? parseInt(hex ?? "", 16) : Number(decimal);
      if (Number.isNaN(code)) return entities[name] ?? whole;
      return code > 0x10ffff ? whole : Buffer.from(String.fromCodePoint(code)).toString("latin1");
    },
  );
}

/** What gzip begins with, and zlib at each of its levels. */
const packings = ["\x1f\x8b\x08", "x\x01", "x^", "x\x9c", "x\xda"];

/** What was compressed, wherever it begins and ends and however much of it is there. */
function unpacked(bytes: string): [string, string][] {
  return packings.flatMap((packing) =>
    placesOf(packing, bytes).flatMap((start): [string, string][] => {
      try {
        const packed = Buffer.from(bytes.slice(start + headerLength(bytes, start)), "latin1");
        const plain = inflateRawSync(packed, { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: 2 ** 26 });
        return [["compression", plain.toString("latin1")]];
      } catch {
        // These bytes stand there by chance.
        return [];
      }
    }),
  );
}

function placesOf(part: string, bytes: string): number[] {
  const found: number[] = [];
  for (let at = bytes.indexOf(part); at >= 0; at = bytes.indexOf(part, at + 1)) found.push(at);
  return found;
}

/** How long it takes a packing to begin: gzip may name the file, up to a zero. */
function headerLength(bytes: string, start: number): number {
  if (bytes.startsWith("x", start)) return 2;
  return bytes[start + 3] === "\b" ? bytes.indexOf("\0", start + 10) + 1 - start : 10;
}
