import { expect, test } from "vitest";
import * as runbooks from "../../../../protocol/stops/runbooks.ts";

const place = { namespace: "vault", statefulSet: "vault", keysSecret: "vault-keys" };

test("a stop says what happened, what was left alone, the ways out, and where to read on", () => {
  const { message } = runbooks.lostVolume(place, "2026-01-01T00:00:00Z");
  expect(message.split("\n")).toEqual([
    expect.stringContaining("Vault vault/vault is empty"),
    expect.stringContaining("Nothing was changed"),
    "ways out:",
    expect.stringMatching(/^ {2}1\. restore the volume/),
    expect.stringMatching(/^ {2}2\. start empty/),
    "see docs/runbooks/lost-volume.md",
  ]);
});

test("a stop shows no stack to people", () => {
  const stop = runbooks.busy(place, "somebody");
  expect(`${String(stop)}${stop.stack ?? ""}`).toMatch(
    /^stopped: another run \(somebody\) is working on Vault vault\/vault\.\n/,
  );
  expect(String(stop)).not.toContain("    at ");
});
