import { expect, test } from "vitest";

import { programDependencies } from "../../language-host/program-dependencies.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const files = {
  "package.json": JSON.stringify({ dependencies: { a: "1.0.0" }, devDependencies: { b: "2.0.0" } }),
  "node_modules/a/package.json": JSON.stringify({ name: "a", version: "1.0.0" }),
  "node_modules/b/package.json": JSON.stringify({ name: "b", version: "2.0.0" }),
};
const lock = JSON.stringify({
  packages: {
    "": { version: "0.1.0" },
    "node_modules/a": { version: "1.0.0" },
    "node_modules/a/node_modules/@s/c": { version: "3.0.0" },
  },
});

test("direct dependencies come from package.json, with the installed versions", () => {
  expect(programDependencies(temporaryFolder({ ...files, "package-lock.json": lock }), false)).toEqual([
    { name: "a", version: "1.0.0" },
    { name: "b", version: "2.0.0" },
  ]);
});

test("transitive dependencies come from the lock file, without the program itself", () => {
  expect(programDependencies(temporaryFolder({ ...files, "package-lock.json": lock }), true)).toEqual([
    { name: "a", version: "1.0.0" },
    { name: "@s/c", version: "3.0.0" },
  ]);
});

test("without a lock file transitive dependencies are the direct ones", () => {
  expect(programDependencies(temporaryFolder(files), true).map(({ name }) => name)).toEqual(["a", "b"]);
});
