/**
 * OpenPGP keys as they are written (RFC 9580): enough to tell whose they are and what they are good for, before
 * anything is contacted. Signatures are not verified here; {@link ./custody.ts} does that.
 */
import { createHash } from "node:crypto";

/** One packet. */
interface Packet {
  readonly tag: number;
  readonly body: Buffer;
}

const tags = { signature: 2, secretKey: 5, publicKey: 6, publicSubkey: 14 } as const;

/** What a signature over a key says about it. */
export interface Claim {
  readonly type: number;
  /** Id of the key that signed, hex; null where it is not said. */
  readonly issuer: string | null;
  readonly created: number;
  /** Seconds after the creation of the key; null for never. */
  readonly expires: number | null;
  /** What the key is for; null where it is not said. */
  readonly flags: number | null;
}

/** A key, and what is said about it. */
export interface WrittenKey {
  readonly version: number;
  /** Lower-case hex, as Vault and gpg print it. */
  readonly fingerprint: string;
  readonly algorithm: number;
  /** Seconds since the epoch. */
  readonly created: number;
  readonly claims: readonly Claim[];
}

/** An export: the keys of one person, or of several. */
export interface WrittenKeys {
  /** Each with its subkeys, itself first. */
  readonly people: readonly (readonly WrittenKey[])[];
  readonly isPrivate: boolean;
}

/**
 * Parses an export of keys.
 * @param bytes The export, in binary form.
 * @returns Its keys; null for anything else.
 */
export function readKeys(bytes: Uint8Array): WrittenKeys | null {
  const packets = packetsOf(Buffer.from(bytes));
  if (packets === null) return null;
  const people: { key: WrittenKey; claims: Claim[] }[][] = [];
  for (const { tag, body } of packets) {
    if (tag === tags.publicKey || tag === tags.publicSubkey) {
      const key = keyOf(body);
      const person = tag === tags.publicKey ? [] : people.at(-1);
      if (key === null || person === undefined) return null;
      if (tag === tags.publicKey) people.push(person);
      const claims: Claim[] = [];
      person.push({ key: { ...key, claims }, claims });
    }
    const claim = tag === tags.signature ? claimOf(body) : null;
    if (claim !== null) people.at(-1)?.at(-1)?.claims.push(claim);
  }
  const isPrivate = packets[0]?.tag === tags.secretKey;
  return people.length === 0 && !isPrivate
    ? null
    : { people: people.map((all) => all.map(({ key }) => key)), isPrivate };
}

function packetsOf(bytes: Buffer): Packet[] | null {
  const packets: Packet[] = [];
  let at = 0;
  while (at < bytes.length) {
    const first = bytes[at] ?? 0;
    if ((first & 0x80) === 0) return null;
    const isNew = (first & 0x40) !== 0;
    const length = isNew ? newLength(bytes, at + 1) : oldLength(bytes, at + 1, first & 0x03);
    if (length === null || length.body > bytes.length - at - 1 - length.octets) return null;
    const start = at + 1 + length.octets;
    packets.push({ tag: isNew ? first & 0x3f : (first >> 2) & 0x0f, body: bytes.subarray(start, start + length.body) });
    at = start + length.body;
  }
  return packets;
}

interface Length {
  readonly octets: number;
  readonly body: number;
}

/** Null for partial lengths, which keys do not have, and for input that ends too soon. */
function newLength(bytes: Buffer, at: number): Length | null {
  const first = bytes[at] ?? 0xe0;
  if (first < 192) return { octets: 1, body: first };
  if (first < 224) {
    return at + 1 < bytes.length ? { octets: 2, body: ((first - 192) << 8) + (bytes[at + 1] ?? 0) + 192 } : null;
  }
  return first === 255 && at + 4 < bytes.length ? { octets: 5, body: bytes.readUInt32BE(at + 1) } : null;
}

function oldLength(bytes: Buffer, at: number, kind: number): Length | null {
  const octets = [1, 2, 4][kind];
  return octets === undefined || at + octets > bytes.length ? null : { octets, body: bytes.readUIntBE(at, octets) };
}

function keyOf(body: Buffer): Omit<WrittenKey, "claims"> | null {
  if (body.length < 6) return null;
  const version = body[0] ?? 0;
  const head = Buffer.alloc(version === 4 ? 3 : 5);
  head[0] = version === 4 ? 0x99 : 0x95 + version;
  head.writeUIntBE(body.length, 1, head.length - 1);
  const hash = createHash(version === 4 ? "sha1" : "sha256");
  const fingerprint = hash.update(head).update(body).digest("hex");
  return { version, fingerprint, created: body.readUInt32BE(1), algorithm: body[5] ?? 0 };
}

/** What a signature of version 4 or 6 says; null for any other. */
function claimOf(body: Buffer): Claim | null {
  const version = body[0];
  const width = version === 4 ? 2 : 4;
  if (version !== 4 && version !== 6) return null;
  const signed = partsOf(body, 4, width);
  const beside = signed === null ? null : partsOf(body, signed.end, width);
  if (signed === null || beside === null) return null;
  const number = (type: number): number | null => {
    const part = signed.found.get(type);
    return part?.length === 4 ? part.readUInt32BE(0) : null;
  };
  const expires = number(9);
  const issuer = signed.found.get(16) ?? beside.found.get(16);
  return {
    type: body[1] ?? 0,
    issuer: issuer?.toString("hex") ?? null,
    created: number(2) ?? 0,
    expires: expires === 0 ? null : expires,
    flags: signed.found.get(27)?.[0] ?? null,
  };
}

interface Parts {
  readonly found: ReadonlyMap<number, Buffer>;
  readonly end: number;
}

/** The subpackets of a signature, by type; null for input that ends too soon. */
function partsOf(body: Buffer, at: number, width: number): Parts | null {
  if (at + width > body.length) return null;
  const end = at + width + body.readUIntBE(at, width);
  const found = new Map<number, Buffer>();
  let next = at + width;
  while (next < end) {
    const length = partLength(body, next);
    if (length === null || length.body === 0) return null;
    const start = next + length.octets;
    found.set((body[start] ?? 0) & 0x7f, body.subarray(start + 1, start + length.body));
    next = start + length.body;
  }
  return next === end && end <= body.length ? { found, end } : null;
}

function partLength(bytes: Buffer, at: number): Length | null {
  const first = bytes[at] ?? 0;
  const isPair = first >= 192 && first < 255;
  return isPair && at + 1 < bytes.length
    ? { octets: 2, body: ((first - 192) << 8) + (bytes[at + 1] ?? 0) + 192 }
    : newLength(bytes, at);
}
