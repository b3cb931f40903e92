/**
 * `npm run docs [-- --check]`: writes docs/components.md from the comments in the sources. With `--check` it writes
 * nothing and fails when the page is stale.
 */
import { existsSync, globSync, readFileSync, writeFileSync } from "node:fs";
import { format, resolveConfig } from "prettier";
import { renderComponentsPage, type DocumentedFile } from "./docs/components-page.ts";
import { readSource } from "./docs/source-docs.ts";

const page = "docs/components.md";
const modules = ["vault", "access", "engines", "delivery", "workloads", "shared"];
/** What components are given stands there too. */
const floors = ["protocol", "shared"];

const files: DocumentedFile[] = [...modules.map((module) => `components/${module}`), ...floors]
  .flatMap((folder) => globSync(`${folder}/**/*.ts`).sort())
  .map((path) => ({ path, ...readSource(path, readFileSync(path, "utf8")) }));
const contract = readSource("stacks/outputs.ts", readFileSync("stacks/outputs.ts", "utf8"));
const outputs = contract.types.find(({ name }) => name === "StackOutputs");
if (outputs === undefined) throw new Error("stacks/outputs.ts: must export StackOutputs");

const options = await resolveConfig(page);
const text = await format(renderComponentsPage(files, outputs), { ...options, parser: "markdown" });
if (!process.argv.includes("--check")) {
  writeFileSync(page, text);
} else if (!existsSync(page) || readFileSync(page, "utf8") !== text) {
  console.error(`${page}: must match the sources, got another text; run \`npm run docs\``);
  process.exitCode = 1;
}
