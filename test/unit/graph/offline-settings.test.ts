import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { offlineSettings } from "../../../graph/offline-settings.ts";
import { parseSettings } from "../../../stacks/settings/parse-settings.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "vaultstack-settings-"));
  copyFileSync("Pulumi.yaml", join(folder, "Pulumi.yaml"));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

function settingsOf(lines: readonly string[]) {
  writeFileSync(join(folder, "Pulumi.team.yaml"), lines.join("\n"));
  return offlineSettings("team", {}, folder);
}

const ciphertext = "v1:bm9uY2U=:Y2lwaGVydGV4dA==";
const tracked = ["config:", "  pulumi:disable-default-providers: [kubernetes, vault, postgresql]"];

test("secrets are stood for, so that no passphrase is needed, and count as encrypted", () => {
  const raw = settingsOf([
    ...tracked,
    `  vaultstack:escrowPrivateKey: { secure: "${ciphertext}" }`,
    `  vaultstack:postgresPassword: { secure: "${ciphertext}" }`,
    `  vaultstack:kvSeeds: { app/config: { user: { secure: "${ciphertext}" } } }`,
    "  vaultstack:namespace: team",
  ]);
  const { settings, faults } = parseSettings(raw);
  expect(faults).toEqual([]);
  expect(settings).toMatchObject({ namespace: "team", kvSeeds: { "app/config": { user: "a-placeholder" } } });
  expect(JSON.stringify(raw.values)).not.toContain(ciphertext);
});

test("a secret in plain text is the fault that it is to the engine", () => {
  const { faults } = parseSettings(settingsOf([...tracked, "  vaultstack:postgresPassword: hunter2-hunter2"]));
  expect(faults).toEqual([expect.stringContaining("vaultstack:postgresPassword: must be stored encrypted")]);
  expect(faults.join()).not.toContain("hunter2");
});

test("a stack that has no settings at all is one of defaults", () => {
  const { faults } = parseSettings(settingsOf(["encryptionsalt: v1:salt"]));
  expect(faults).toEqual([expect.stringContaining("pulumi:disable-default-providers")]);
});
