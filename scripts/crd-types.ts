/**
 * `node scripts/crd-types.ts [-- --check]`: writes components/delivery/custom-resources/custom-resource-specs.ts from
 * the custom resource definitions of the operator's pinned chart, which the sandbox keeps beside the operator it built.
 *
 * With `--check` it writes nothing and fails when the file was edited by hand, or differs from the definitions where
 * they are at hand; the network is not used.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { format, resolveConfig } from "prettier";
import { goIdentity, operatorChart } from "../sandbox/index.ts";
import { readDefinitions } from "./crd-types/definitions.ts";
import { isSealed, renderSpecs, sealed } from "./crd-types/render-specs.ts";

const output = "components/delivery/custom-resources/custom-resource-specs.ts";

const present = existsSync(output) ? readFileSync(output, "utf8") : "";
if (process.argv.includes("--check") && !isSealed(present)) {
  fail("must be as it was generated, got an edited text; run `node scripts/crd-types.ts`");
} else {
  const definitions = await definitionsFolder();
  if (definitions === undefined) {
    if (!process.argv.includes("--check")) {
      throw new Error("definitions: must be in the cache of the sandbox's tools; run `npm run sandbox -- build`");
    }
  } else {
    const options = await resolveConfig(output);
    const body = await format(renderSpecs(readDefinitions(definitions)), { ...options, parser: "typescript" });
    const text = sealed(body);
    if (!process.argv.includes("--check")) writeFileSync(output, text);
    else if (text !== present) fail("must match the definitions, got another text; run `node scripts/crd-types.ts`");
  }
}

/** Without Go nothing was built, and so there are no definitions at hand. */
async function definitionsFolder(): Promise<string | undefined> {
  const go = await goIdentity().catch(() => undefined);
  if (go === undefined) return undefined;
  const folder = join(operatorChart(go), "crds");
  return existsSync(folder) ? folder : undefined;
}

function fail(reason: string): void {
  console.error(`${output}: ${reason}`);
  process.exitCode = 1;
}
