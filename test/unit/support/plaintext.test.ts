/**
 * The search for secrets that every "nowhere in plaintext" of the live suites rests on: one secret planted in each form
 * it may take. Does not prove that the live suites look everywhere, nor that a part of a secret is found.
 */
import { generateKeyPairSync } from "node:crypto";
import { deflateSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { makeEscrow } from "../../support/escrow-key.ts";
import { plaintextHits } from "../../support/plaintext.ts";

const token = "hvs.CAESIJzzQ-some/long+secret_0123456789";
const awkward = 'a"b\\c<d>\n&ä€😀 %41+end-of-it';
const share = "9f3c0aa417e2bb5d6811f0c4d9e2a7735c3b1d20e4f6a8b9c1d3e5f70a1b2c3d4e";
const uuid = "3f2c9a51-77d0-4c1e-9a8b-0d1e2f3a4b5c";
const { privateKey: pem } = generateKeyPairSync("ec", {
  namedCurve: "P-256",
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
  publicKeyEncoding: { type: "spki", format: "pem" },
});

const base64 = (text: string | Buffer): string => Buffer.from(text).toString("base64");
const base64url = (text: string | Buffer): string => Buffer.from(text).toString("base64url");
const wrapped = (text: string, width: number): string =>
  (text.match(new RegExp(`.{1,${width}}`, "g")) ?? []).join("\n");
const derOf = (key: string): Buffer => Buffer.from(key.replace(/-----.*-----|\n/g, ""), "base64");
const manifest = (secret: string): string => `apiVersion: v1\ndata:\n  password: ${base64(secret)}\n`;
/** As Helm keeps a release in a Secret. */
const release = (secret: string): string => base64(base64(gzipSync(JSON.stringify({ manifest: manifest(secret) }))));
const escaped = (text: string): string =>
  text.replace(/[^]/g, (each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, "0")}`);

/** What becomes of a secret before somebody reads it. */
const forms: readonly (readonly [string, (secret: string) => string])[] = [
  ["as it is", (secret) => secret],
  ["base64 from its beginning", base64],
  ["base64 after one byte", (secret) => base64(`x${secret}`)],
  ["base64 after two bytes", (secret) => base64(`xx${secret}y`)],
  ["base64 inside JSON", (secret) => base64(JSON.stringify({ token: secret, more: 1 }))],
  ["base64 right after what looks like it", (secret) => `abc/${base64(secret)}`],
  ["the other base64 alphabet", (secret) => base64url(`???>>>${secret}`)],
  [
    "base64 in lines of 64",
    (secret) => `data: |\n  ${wrapped(base64(`xy${secret}${"z".repeat(60)}`), 64).replaceAll("\n", "\n  ")}`,
  ],
  ["base64 in lines of 20, escaped", (secret) => JSON.stringify({ data: wrapped(base64(secret), 20) })],
  ["base64 in lines that a diff marks", (secret) => wrapped(base64(secret), 24).replace(/^/gm, "  + ")],
  ["base64 of base64", (secret) => base64(`a${base64(`b${secret}`)}`)],
  ["hexadecimal", (secret) => Buffer.from(secret).toString("hex")],
  ["hexadecimal after a digit, in upper case", (secret) => `F${Buffer.from(secret).toString("hex").toUpperCase()}`],
  ["hexadecimal with colons", (secret) => (Buffer.from(secret).toString("hex").match(/../g) ?? []).join(":")],
  ["a string of JSON", (secret) => JSON.stringify({ secret })],
  ["JSON in JSON", (secret) => JSON.stringify(JSON.stringify({ secret }))],
  ["JSON in JSON in JSON", (secret) => JSON.stringify(JSON.stringify(JSON.stringify({ secret })))],
  ["JSON as Go writes it", (secret) => JSON.stringify(secret).replace(/[<>&]/g, escaped)],
  ["nothing but escapes", escaped],
  ["escapes of bytes", (secret) => Buffer.from(secret).toString("hex").replace(/../g, "\\x$&")],
  ["a part of an address", encodeURIComponent],
  ["a form of a web page", (secret) => new URLSearchParams({ secret }).toString()],
  ["a web page", (secret) => secret.replace(/["&<>]/g, (each) => `&#${each.charCodeAt(0)};`)],
  ["bytes as Node writes them", (secret) => JSON.stringify(Buffer.from(secret))],
  ["bytes as Go prints them", (secret) => `[${Buffer.from(secret).join(" ")}]`],
  ["JSON in base64 in JSON in base64", (secret) => base64(JSON.stringify({ a: base64(JSON.stringify({ secret })) }))],
  ["gzip in base64", (secret) => base64(gzipSync(`before ${secret} after`))],
  ["zlib in the middle of base64", (secret) => base64(Buffer.concat([Buffer.from("head"), deflateSync(secret)]))],
  ["a release of Helm in a Secret", (secret) => `data:\n  release: ${release(secret)}\n`],
  ["that in the state", (secret) => JSON.stringify({ yaml: JSON.stringify({ release: release(secret) }) })],
];

const secrets = { token, awkward, share, uuid, pem };

describe.each(Object.entries(secrets))("a secret like %s", (name, secret) => {
  test.each(forms)("is found where it is %s", (_, write) => {
    const text = `a line before\nkey: ${write(secret)}\na line after`;
    expect(plaintextHits({ place: text }, { [name]: secret })).toEqual([
      expect.stringMatching(new RegExp(`^${name} in place`)),
    ]);
  });
});

test("says in which form it was found, outermost first, and never what", () => {
  const place = base64(JSON.stringify({ token }).replaceAll('"', '\\"').replaceAll("hvs", "\\u0068vs"));
  expect(plaintextHits({ place }, { token })).toEqual(["token in place, in base64, in escapes"]);
});

test.each([
  [
    "a share whose bytes are in base64",
    { share },
    base64(Buffer.concat([Buffer.from("x"), Buffer.from(share, "hex")])),
  ],
  ["a share in upper case", { share }, share.toUpperCase()],
  ["an id without its dashes", { uuid }, uuid.replaceAll("-", "")],
  ["a key in lines of another width", { pem }, wrapped(base64(derOf(pem)), 48)],
  ["a key in one line", { pem }, `{"key":"${pem.replaceAll("\n", "\\n")}"}`],
  ["a key without its armour, after other bytes", { pem }, base64(Buffer.concat([Buffer.from("x"), derOf(pem)]))],
  ["a key in hexadecimal", { pem }, derOf(pem).toString("hex")],
  ["a base64 text as its bytes in hexadecimal", { key: base64(token) }, Buffer.from(token).toString("hex")],
])("finds %s", (_, secret, place) => {
  expect(plaintextHits({ place }, secret)).toHaveLength(1);
});

test("finds a secret whatever was done to it, in whatever order", () => {
  const inner = forms.filter(([name]) => !/diff|web page|form of/.test(name));
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(...inner), { minLength: 1, maxLength: 4 }),
      fc.string({ unit: fc.constantFrom("a", "b", "X", "0", "9", "/", "+", " ", ".", ":"), maxLength: 7 }),
      (steps, before) => {
        const text = steps.reduce((made, [, write]) => write(before + made), token);
        expect(plaintextHits({ place: text }, { token })).toHaveLength(1);
      },
    ),
    { numRuns: 200, seed: -1501431463 },
  );
});

describe("finds nothing", () => {
  test("in texts that hold none, whatever they are full of", async () => {
    const escrow = await makeEscrow();
    const other = generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey.export({ type: "spki", format: "pem" });
    const clean = [
      ...forms.map(([, write]) => write(`${token.slice(0, -1)}x`)),
      ...forms.map(([, write]) => write(awkward.replace("end", "and"))),
      ...forms.map(([, write]) => write(share.replace("9f", "9e"))),
      ...[escrow.publicKey, other.toString(), release("nothing that matters")],
    ];
    expect(plaintextHits({ place: clean.join("\n") }, { token, awkward, share })).toEqual([]);
  });

  test("in half a megabyte of noise, in seconds", () => {
    const lines = Array.from({ length: 4_000 }, (_, index) =>
      JSON.stringify({
        urn: `urn:pulumi:dev::vaultstack::kubernetes:core/v1:Secret::name-${index}`,
        v: base64(`${index}%41\\n`.repeat(5)),
      }),
    );
    const started = Date.now();
    expect(plaintextHits({ state: JSON.stringify(lines) }, secrets)).toEqual([]);
    expect(Date.now() - started).toBeLessThan(10_000);
  });
});

test.each([
  ["no secret", { place: "a text" }, {}, "there is no secret"],
  ["nowhere", {}, { token }, "there is no place"],
  ["in an empty place", { place: "" }, { token }, "place is empty"],
  ["a secret that is found anywhere", { place: "a text" }, { token: "password" }, "token is too short or too plain"],
  ["one of few characters", { place: "a text" }, { token: "aaaaaaaaaaaaaaaa" }, "token is too short or too plain"],
  ["one that is blanks", { place: "a text" }, { token: `abc${" ".repeat(20)}` }, "token is too short or too plain"],
])("refuses to look for %s, which would prove nothing", (_, places: Record<string, string>, wanted, fault) => {
  expect(() => plaintextHits(places, wanted)).toThrow(fault);
});
