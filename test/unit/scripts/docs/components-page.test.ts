import { expect, test } from "vitest";
import { renderComponentsPage } from "../../../../scripts/docs/components-page.ts";
import { readSource } from "../../../../scripts/docs/source-docs.ts";

const thing = readSource(
  "thing.ts",
  `
/** What a thing needs. */
export interface ThingArgs {
  /** Its colour. @default "red" */
  readonly colour?: Colour | null;
}
/** A colour. */
export type Colour = "red" | Shade;
/** A shade. */
export interface Shade {}
/** Nobody speaks of it. */
export interface Unused {}
/** A thing. */
export class Thing extends Base {
  constructor(name: string, args: ThingArgs) {
    super("vaultstack:things:Thing", name);
  }
}
`,
);
const outputs = { name: "StackOutputs", text: "What a stack tells.", fields: [], bases: [], source: "" };
const page = renderComponentsPage([{ path: "components/things/thing.ts", ...thing }], outputs);

test("the page has a section for each component, with its token and its file", () => {
  expect(page).toContain("## things\n\n### Thing\n\n`vaultstack:things:Thing` in [components/things/thing.ts]");
});

test("a pipe in a type does not end the table's cell", () => {
  expect(page).toContain('| `colour` | `Colour \\| null` | "red" | Its colour. |');
});

test("the types that arguments speak of, directly or not, are described once, and no others", () => {
  expect(page.match(/^### \w+$/gm)).toEqual(["### Thing", "### Colour", "### Shade"]);
});
