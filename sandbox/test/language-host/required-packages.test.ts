import { expect, test } from "vitest";

import { requiredPackages } from "../../language-host/required-packages.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

function projectWith(installed: Readonly<Record<string, object>>): string {
  const dependencies = Object.fromEntries(Object.keys(installed).map((name) => [name, "*"]));
  const manifests = Object.entries(installed).map(([name, manifest]) => [
    `node_modules/${name}/package.json`,
    JSON.stringify({ name, ...manifest }),
  ]);
  return temporaryFolder({
    "package.json": JSON.stringify({ name: "program", version: "1.0.0", dependencies }),
    ...(Object.fromEntries(manifests) as Record<string, string>),
  });
}

test("a package that says it has a plugin is required at the version it names", () => {
  const folder = projectWith({
    "@pulumi/vault": { version: "7.8.1", pulumi: { resource: true, name: "vault", version: "7.8.0" } },
  });
  expect(requiredPackages(folder)).toEqual([{ name: "vault", version: "v7.8.0", server: "" }]);
});

test("name and version fall back to those of the package", () => {
  const folder = projectWith({ "@pulumi/tls": { version: "5.6.1", pulumi: { resource: true } } });
  expect(requiredPackages(folder)).toEqual([{ name: "tls", version: "v5.6.1", server: "" }]);
});

test("a version with a leading v keeps one", () => {
  const folder = projectWith({ x: { version: "1.0.0", pulumi: { resource: true, version: "v2.0.0" } } });
  expect(requiredPackages(folder)[0]?.version).toBe("v2.0.0");
});

test("a plugin's own download server is passed on", () => {
  const folder = projectWith({
    x: { version: "1.0.0", pulumi: { resource: true, server: "https://plugins.example" } },
  });
  expect(requiredPackages(folder)[0]?.server).toBe("https://plugins.example");
});

test("packages without a plugin are not required", () => {
  const folder = projectWith({
    zod: { version: "4.0.0" },
    "@pulumi/pulumi": { version: "3.0.0", pulumi: { comment: "deployment-time only" } },
  });
  expect(requiredPackages(folder)).toEqual([]);
});

test("the program of this project requires the plugins of its SDKs", () => {
  expect(requiredPackages(process.cwd()).map(({ name }) => name)).toEqual(
    expect.arrayContaining(["kubernetes", "vault"]),
  );
});

test("rejects a dependency that is not installed and says what to run", () => {
  const folder = temporaryFolder({ "package.json": JSON.stringify({ dependencies: { absent: "1.0.0" } }) });
  expect(() => requiredPackages(folder)).toThrow(
    `absent: must be installed in ${folder}, got no such package; run npm ci there`,
  );
});
