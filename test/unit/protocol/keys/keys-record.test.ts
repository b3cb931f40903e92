import fc from "fast-check";
import { expect, test } from "vitest";
import { keysFingerprintOf } from "../../../../protocol/keys/key-set.ts";
import {
  type KeysRecord,
  parseRecord,
  renderRecord,
  type StoredRecord,
} from "../../../../protocol/keys/keys-record.ts";

const fingerprint = fc.stringMatching(/^[0-9a-f]{40}$/);
const message = fc.uint8Array({ minLength: 1, maxLength: 60 }).map((bytes) => Buffer.from(bytes).toString("base64"));
const time = fc
  .date({ min: new Date("2020-01-01"), max: new Date("2040-01-01"), noInvalidDate: true })
  .map((date) => date.toISOString());

const common = {
  version: fc.constant(1 as const),
  runId: fc.string({ minLength: 1 }),
  writtenAt: time,
  nodes: fc.constant<KeysRecord["nodes"]>([{ pod: "vault-0", uid: "uid", claims: { "data-vault-0": "claim" } }]),
  replaces: fc.constantFrom(null, "sha256:old"),
};

const keys: fc.Arbitrary<KeysRecord> = fc
  .record({
    ...common,
    shares: fc.uniqueArray(fc.record({ recipient: fingerprint, message }), {
      minLength: 1,
      maxLength: 6,
      selector: (share) => share.message,
    }),
    rootToken: fc.option(fc.record({ recipient: fingerprint, message })),
    clusterId: fc.option(fc.uuid()),
    initializedAt: time,
  })
  .map(({ shares, ...rest }) => {
    const counts = { shares, secretShares: shares.length, secretThreshold: shares.length };
    return {
      state: "initialized",
      initializedPod: "vault-0",
      ...rest,
      ...counts,
      keysFingerprint: keysFingerprintOf(counts),
    };
  });

const intent: fc.Arbitrary<StoredRecord> = fc
  .record({ ...common, reserve: fc.stringMatching(/^-*$/) })
  .map((rest) => ({ state: "intent", secretShares: 5, secretThreshold: 3, ...rest }));

test("reads back exactly what was written", () => {
  fc.assert(
    fc.property(fc.oneof(keys, intent), (record) => {
      const parsed = parseRecord(renderRecord(record));
      expect("record" in parsed ? parsed.record : parsed).toEqual(record);
    }),
  );
});

test("notices a record that was cut off at any place", () => {
  fc.assert(
    fc.property(keys, fc.double({ min: 0, max: 0.99, noNaN: true }), (record, part) => {
      const text = renderRecord(record);
      const cut = text.trimEnd().slice(0, Math.floor((text.trimEnd().length - 1) * part));
      expect(parseRecord(cut).kind).toBe("damaged");
    }),
  );
});

test("never takes an edited record for a different valid one", () => {
  fc.assert(
    fc.property(keys, fc.nat(), fc.constantFrom("0", "a", "=", '"', "{", " "), (record, at, letter) => {
      const text = renderRecord(record);
      const index = at % text.length;
      const parsed = parseRecord(text.slice(0, index) + letter + text.slice(index + 1));
      // White space between the values may change without changing the record.
      expect(parsed.kind === "damaged" ? record : "record" in parsed && parsed.record).toEqual(record);
    }),
  );
});

const sample = fc.sample(keys, 1)[0];

test.each([
  ["is no JSON", "not json", "must be JSON"],
  ["is no object", "[]", "must be an object"],
  ["has an unknown field", edited({ extra: 1 }), "unrecognized_keys"],
  ["lacks its shares", edited({ shares: undefined }), "shares"],
  ["asks for more shares than it has", edited({ secretThreshold: 200 }), "secretThreshold"],
  ["holds fewer shares than it says", edited({ secretShares: 9 }), "shares: must be 9"],
  [
    "holds a share twice",
    edited({ shares: [sample?.shares[0], sample?.shares[0]], secretShares: 2 }),
    "one is there twice",
  ],
  ["was edited with everything in shape", edited({ initializedPod: "vault-1" }), "checksum"],
])("rejects a record that %s, naming the fault", (_name, text, fault) => {
  const parsed = parseRecord(text);
  expect(parsed.kind === "damaged" && parsed.faults.join("\n")).toContain(fault);
});

test("repeats no value of a damaged record", () => {
  const secretLooking = "hvs.averysecrettoken";
  const parsed = parseRecord(edited({ keysFingerprint: secretLooking, runId: 7 }));
  expect(JSON.stringify(parsed)).not.toContain(secretLooking);
});

test("gives the same fingerprint with and without the root token", () => {
  fc.assert(
    fc.property(keys, (record) => {
      expect(keysFingerprintOf({ ...record })).toBe(record.keysFingerprint);
    }),
  );
});

function edited(change: object): string {
  if (sample === undefined) throw new Error("fast-check gives at least one sample");
  return JSON.stringify({ ...(JSON.parse(renderRecord(sample)) as object), ...change });
}
