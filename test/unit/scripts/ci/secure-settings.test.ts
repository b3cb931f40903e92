import { expect, test } from "vitest";
import { secureSettings, settingPath, withoutSecure } from "../../../../scripts/ci/secure-settings.ts";

/** Which settings are encrypted, and how they are named. That the engine takes these names is for the live test. */

const config = {
  "vaultstack:nodePort": "30004",
  "vaultstack:escrowPrivateKey": { secure: "AAA" },
  "vaultstack:kvSeeds": { "webapp/config": { username: "plain", password: { secure: "BBB" } } },
  "vaultstack:list": ["plain"],
};

test("finds encrypted settings, also inside of objects, and tells one value from another", () => {
  const found = secureSettings(config);
  expect(found.map(({ place }) => settingPath(place))).toEqual([
    "vaultstack:escrowPrivateKey",
    'vaultstack:kvSeeds["webapp/config"]["password"]',
  ]);
  expect(new Set(found.map(({ fingerprint }) => fingerprint)).size).toBe(2);
  expect(JSON.stringify(found)).not.toContain("AAA");
});

test("leaves the others as they are", () => {
  expect(withoutSecure(config)).toEqual({
    "vaultstack:nodePort": "30004",
    "vaultstack:kvSeeds": { "webapp/config": { username: "plain" } },
    "vaultstack:list": ["plain"],
  });
});

test("names items of lists by their number", () => {
  expect(settingPath(["vaultstack:list", "0", "key"])).toBe('vaultstack:list[0]["key"]');
});
