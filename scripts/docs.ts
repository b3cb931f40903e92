/**
 * `npm run docs [-- --check]`: writes what is derived from the sources: docs/components.md from their comments, and
 * docs/settings.md, settings.schema.json and the list of settings in Pulumi.yaml from stacks/settings. With `--check`
 * it writes nothing and fails when one of them is stale.
 */
import { existsSync, globSync, readFileSync, writeFileSync } from "node:fs";
import { format, resolveConfig } from "prettier";
import { areas, settings } from "../stacks/settings/settings.ts";
import { renderComponentsPage, type DocumentedFile } from "./docs/components-page.ts";
import { renderProjectConfig, renderSettingsPage, settingsSchema } from "./docs/settings-reference.ts";
import { readSource } from "./docs/source-docs.ts";

const modules = ["vault", "access", "engines", "delivery", "shared"];
/** The types that components take are there too. */
const floors = ["protocol", "shared"];

function componentsPage(): string {
  const files: DocumentedFile[] = [...modules.map((module) => `components/${module}`), ...floors]
    .flatMap((folder) => globSync(`${folder}/**/*.ts`).sort())
    .map((path) => ({ path, ...readSource(path, readFileSync(path, "utf8")) }));
  const contract = readSource("stacks/outputs.ts", readFileSync("stacks/outputs.ts", "utf8"));
  const outputs = contract.types.find(({ name }) => name === "StackOutputs");
  if (outputs === undefined) throw new Error("stacks/outputs.ts: must export StackOutputs");
  return renderComponentsPage(files, outputs);
}

/** The engine's file of the project; what stands above its settings is written by hand. */
function projectFile(): string {
  const [head = ""] = readFileSync("Pulumi.yaml", "utf8").split(/^# Written by/m);
  return head + renderProjectConfig(settings);
}

const derived = {
  "docs/components.md": componentsPage(),
  "docs/settings.md": renderSettingsPage(areas),
  "settings.schema.json": JSON.stringify(settingsSchema(settings)),
  "Pulumi.yaml": projectFile(),
};

for (const [file, source] of Object.entries(derived)) {
  const text = await format(source, { ...(await resolveConfig(file)), filepath: file });
  if (!process.argv.includes("--check")) {
    writeFileSync(file, text);
  } else if (!existsSync(file) || readFileSync(file, "utf8") !== text) {
    console.error(`${file}: must match the sources, got another text; run \`npm run docs\``);
    process.exitCode = 1;
  }
}
