import { expect, test } from "vitest";
import { isVaultVersion, versionFaults, versionOfImage } from "../../../../../components/vault/server/vault-version.ts";

// Proves what is made of a tag. That the official plugin and Vault call a version so is what these tags and versions
// were copied from.

const digest = `@sha256:${"0".repeat(64)}`;

test.each([
  ["hashicorp/vault:1.21.0", "1.21.0"],
  [`hashicorp/vault:1.21.0${digest}`, "1.21.0"],
  ["registry.example.com:5000/mirror/vault:v1.21.0", "1.21.0"],
  ["hashicorp/vault:2.0.1", "2.0.1"],
  ["hashicorp/vault:1.21.0-rc1", "1.21.0-rc1"],
  ["hashicorp/vault:1.21.0-ubi", "1.21.0"],
  // With a dash it would be older than the release.
  ["hashicorp/vault-enterprise:1.21.0-ent", "1.21.0+ent"],
  ["hashicorp/vault-enterprise:1.21.0-ent-ubi", "1.21.0+ent"],
  ["hashicorp/vault-enterprise:1.21.0-ent.hsm.fips1403", "1.21.0+ent.hsm.fips1403"],
  // Numbers of somebody's own, which are of something else.
  ["registry/vault:2024.1-fips", null],
  ["registry/vault:2024.1.3", null],
  ["registry/vault:20261130.1.0", null],
  ["registry/vault:7.4.0", null],
  ["registry/vault:1.21.0-debian-12-r3", null],
  ["registry/vault:1.21.0-r0", null],
  ["registry/vault:1.21.0.4", null],
  ["registry/vault:1.21.0-build.7", null],
  ["registry/vault:1.21", null],
  ["registry/vault:1", null],
  ["registry/vault:stable", null],
  ["registry/vault:app-1.21.0", null],
  // No tag, though there are numbers.
  [`registry/vault${digest}`, null],
  ["registry/vault", null],
  ["registry:5000/1.21.0", null],
  ["no reference:1.21.0", null],
])("the image %s holds %s", (image, version) => {
  expect(versionOfImage(image)).toBe(version);
  if (version !== null) expect(isVaultVersion(version)).toBe(true);
});

test.each(["", "1.21", "v1.21.0", "1.21.0-ent", "1.21.0+", "2024.1.3", "latest"])("%j is no version", (said) => {
  expect(versionFaults("vaultVersion", "registry/vault:2024.1-fips", said)).toEqual([
    `vaultVersion: must be a version as Vault says it of itself, got "${said}"; write it as 1.21.0, or as 1.21.0+ent`,
  ]);
});

test("what is said of an image is believed, unless Vault's own makers say something else", () => {
  expect(versionFaults("vaultVersion", "registry/vault:2.14.3", "1.21.0")).toEqual([]);
  expect(versionFaults("vaultVersion", `hashicorp/vault${digest}`, "1.21.0")).toEqual([]);
  expect(versionFaults("vaultVersion", "hashicorp/vault:1.21.0", "1.21.0")).toEqual([]);
  expect(versionFaults("vaultVersion", "docker.io/hashicorp/vault:1.22.0", "1.21.0")).toEqual([
    'vaultVersion: must be 1.22.0, as the tag of docker.io/hashicorp/vault:1.22.0 says, got "1.21.0"; leave it out',
  ]);
});
