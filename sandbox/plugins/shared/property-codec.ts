import struct from "google-protobuf/google/protobuf/struct_pb.js";
import { isObject, Secret, unknown, Unknown, type Property, type PropertyMap } from "./property.ts";

/**
 * Properties from their wire form.
 * @throws Error for assets, archives and resource references, which no stand-in covers
 */
export function decodeProperties(message: struct.Struct | undefined): PropertyMap {
  return decodeObject(message?.toJavaScript() ?? {});
}

/** Properties in their wire form. */
export function encodeProperties(properties: PropertyMap): struct.Struct {
  return struct.Struct.fromJavaScript(encodeObject(properties));
}

/** The keys and values by which the engine tells special values from plain ones (sdk `resource/sig`). */
const signatureKey = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";
const outputSignature = "d0e6a833031e9bbcd3f4e8bde6ca49a4";
const notCovered: Readonly<Record<string, string>> = {
  c44067f5952c0a294b673a41bacd8c17: "an asset",
  "0def7320c3a5731c473e5ecbe6d01bc7": "an archive",
  "5cf8f73096256a8f31e491e813e4eb8e": "a resource reference",
};

const unknownString = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const unknownSentinels: ReadonlySet<string> = new Set([
  unknownString,
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7", // boolean
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421", // number
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2", // list
  "030794c1-ac77-496b-92df-f27374a8bd58", // asset
  "e48ece36-62e2-4504-bad9-02848725956a", // archive
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff", // object
]);

type Wire = null | boolean | number | string | Wire[] | WireObject;

interface WireObject {
  [key: string]: Wire;
}

function decodeObject(object: WireObject): PropertyMap {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, decode(value)]));
}

function decode(value: Wire): Property {
  if (typeof value === "string") return unknownSentinels.has(value) ? unknown : value;
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map(decode);
  const signature = value[signatureKey];
  return signature === undefined ? decodeObject(value) : decodeSpecial(signature, value);
}

function decodeSpecial(signature: Wire, object: WireObject): Property {
  const value = object["value"];
  if (signature === secretSignature) return new Secret(decode(value ?? null));
  if (signature === outputSignature) {
    const decoded = value === undefined ? unknown : decode(value);
    return object["secret"] === true ? new Secret(decoded) : decoded;
  }
  const kind = typeof signature === "string" ? notCovered[signature] : undefined;
  throw new Error(
    `properties: must be plain values, got ${kind ?? "a value of an unknown kind"}; stand-in plugins take none`,
  );
}

function encodeObject(properties: PropertyMap): WireObject {
  return Object.fromEntries(Object.entries(properties).map(([key, value]) => [key, encode(value)]));
}

function encode(value: Property): Wire {
  if (value instanceof Unknown) return unknownString;
  if (value instanceof Secret) return { [signatureKey]: secretSignature, value: encode(value.value) };
  if (Array.isArray(value)) return value.map(encode);
  if (isObject(value)) return encodeObject(value);
  return value;
}
