import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { foreignSecretFaults, mergeStackSettings } from "../../engine/stack-settings.ts";

const secret = { secure: "v1:abc" };

describe("the sandbox's settings of a stack", () => {
  test("are the tracked values at first", () => {
    expect(mergeStackSettings({}, { config: { "v:a": "1" } }, {})).toEqual({ config: { "v:a": "1" } });
  });

  test("keep salt and secrets that only the sandbox has", () => {
    const present = { encryptionsalt: "v1:salt", config: { "v:a": "1", "v:key": secret } };
    const tracked = { config: { "v:a": "1" } };
    expect(mergeStackSettings(present, tracked, tracked)).toEqual(present);
  });

  test("follow a tracked value that has changed", () => {
    const merged = mergeStackSettings(
      { config: { "v:a": "1" } },
      { config: { "v:a": "2" } },
      { config: { "v:a": "1" } },
    );
    expect(merged.config).toEqual({ "v:a": "2" });
  });

  test("follow a changed tracked value even over one set in the sandbox", () => {
    const merged = mergeStackSettings(
      { config: { "v:a": "own" } },
      { config: { "v:a": "2" } },
      { config: { "v:a": "1" } },
    );
    expect(merged.config).toEqual({ "v:a": "2" });
  });

  test("keep a value set in the sandbox while the tracked one stays as it was", () => {
    const tracked = { config: { "v:a": "1" } };
    expect(mergeStackSettings({ config: { "v:a": "own" } }, tracked, tracked).config).toEqual({ "v:a": "own" });
  });

  test("drop a value the tracked file no longer has", () => {
    expect(mergeStackSettings({ config: { "v:a": "1" } }, {}, { config: { "v:a": "1" } }).config).toEqual({});
  });

  test("compare nested values by content", () => {
    const tracked = () => ({ config: { "v:access": { kind: "tunnel", port: 1 } } });
    const present = { config: { "v:access": { kind: "address" } } };
    expect(mergeStackSettings(present, tracked(), tracked()).config).toEqual(present.config);
  });

  test("do not change when merged again with the same tracked file", () => {
    const config = fc.dictionary(fc.constantFrom("v:a", "v:b", "v:c", "v:d"), fc.constantFrom("1", "2"));
    fc.assert(
      fc.property(config, config, config, (present, tracked, base) => {
        const once = mergeStackSettings({ config: present }, { config: tracked }, { config: base });
        expect(mergeStackSettings(once, { config: tracked }, { config: tracked })).toEqual(once);
      }),
    );
  });
});

describe("a tracked file", () => {
  test("of plain values can be used", () => {
    expect(foreignSecretFaults("Pulumi.dev.yaml", { config: { "v:a": "1" } })).toEqual([]);
  });

  test.each(["encryptionsalt", "encryptedkey", "secretsprovider"])(
    "rejects %s, whose secrets the sandbox cannot read, and names the way out",
    (key) => {
      expect(foreignSecretFaults("Pulumi.team.yaml", { [key]: "x" })).toEqual([
        `Pulumi.team.yaml: must hold plain values only to be used in the sandbox, got ${key}; ` +
          "run this stack with --cluster current, or move its settings to a stack of another name",
      ]);
    },
  );
});
