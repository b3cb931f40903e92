import { globSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { beforeAll, describe, expect, test, vi } from "vitest";
import type { ProtocolModule } from "../../../protocol/frame/protocol-module.ts";
import { unknownValue } from "../../../protocol/frame/unknown.ts";
import { graphOfDev } from "../../support/graph-of-dev.ts";

/**
 * Every dynamic resource of the stacks with every one of its inputs, found from the code: the bodies by their files,
 * the inputs by what the stacks really ask for and by what their types declare beside it. It does not prove what the
 * engine makes of the answers; the live tests do.
 */

type Inputs = Record<string, unknown>;

/** A body and the inputs that a stack registers it with. */
interface Case {
  readonly body: string;
  readonly inputs: Inputs;
}

const bodies = globSync("protocol/**/*-resource.ts");
const door = readText("protocol/door.ts");
const types = globSync("protocol/**/*.ts").map(readText).join("\n");
const cases = new Map<string, Case>();

beforeAll(async () => {
  // Nobody is asked anything.
  vi.stubEnv("KUBECONFIG", "/nonexistent");
  const graphs = await Promise.all([graphOfDev({}), graphOfDev({ stack: "ha" })]);
  for (const { type, inputs } of graphs.flatMap(({ resources }) => resources)) {
    const text = typeof inputs["__provider"] === "string" ? inputs["__provider"] : "";
    const behindDoor = bodies.find((file) => {
      const entries = door.matchAll(new RegExp(`"([^"]+)": .*"./${file.replace("protocol/", "")}"`, "g"));
      return [...entries].some(([, entry = ""]) => text.includes(`"${entry}"`));
    });
    if (behindDoor !== undefined) cases.set(type, { body: behindDoor, inputs: withoutOutputs(known(inputs)) });
  }
}, 120_000);

function readText(file: string): string {
  return readFileSync(file, "utf8");
}

/** As in an up that comes after another: what was not known when the graph was recorded is. */
function known<Value>(value: Value): Value {
  return JSON.parse(JSON.stringify(value).replaceAll(JSON.stringify(unknownValue), '"known-by-now"')) as Value;
}

function withoutOutputs(inputs: Readonly<Inputs>): Inputs {
  return Object.fromEntries(Object.entries(inputs).filter(([name]) => name !== "__provider"));
}

async function moduleOf(body: string): Promise<ProtocolModule<Inputs, Inputs>> {
  return (await import(resolve(body))) as ProtocolModule<Inputs, Inputs>;
}

/** Places of all values, those inside objects and lists too; of an empty list, that of an element. */
function placesIn(value: unknown, prefix: readonly string[] = []): string[][] {
  if (typeof value !== "object" || value === null) return [];
  const inside = Object.entries(value).flatMap(([key, part]) => [
    [...prefix, key],
    ...placesIn(part, [...prefix, key]),
  ]);
  return Array.isArray(value) && value.length === 0 ? [[...prefix, "0"]] : inside;
}

/** The same of a resource, with the inputs that the stacks leave out. */
function placesOf({ body, inputs }: Case): string[][] {
  const leftOut = declaredBy(body).filter((name) => !(name in inputs));
  return [...placesIn(inputs), ...leftOut.map((name) => [name])];
}

/** What the type of a body's inputs declares. */
function declaredBy(body: string): string[] {
  const type = /defineResource<\s*\w+,\s*(\w+)/.exec(readText(body))?.[1] ?? "";
  return propertiesOf(type);
}

function propertiesOf(type: string): string[] {
  const [, bases = "", lines = ""] =
    new RegExp(`interface ${type}(?: extends ([^{]+))? \\{\n([^]*?)\n\\}`).exec(types) ?? [];
  if (lines === "") throw new Error(`there is no type ${type}`);
  const own = [...lines.matchAll(/^ {2}readonly (\w+)\??:/gm)].map(([, name = ""]) => name);
  return [...bases.split(/,\s*/).flatMap((base) => (base === "" ? [] : propertiesOf(base))), ...own].filter(
    (name) => name !== "__provider",
  );
}

function changed(inputs: Inputs, [first = "", ...rest]: readonly string[], change: { readonly to?: unknown }): Inputs {
  const copy: Inputs = Array.isArray(inputs) ? ([...(inputs as unknown[])] as unknown as Inputs) : { ...inputs };
  if (rest.length > 0) copy[first] = changed(copy[first] as Inputs, rest, change);
  else if ("to" in change) copy[first] = change.to;
  else if (Array.isArray(inputs)) copy[first] = undefined;
  else Reflect.deleteProperty(copy, first);
  return copy;
}

test("the stacks have every dynamic resource there is", () => {
  const used = [...cases.values()].map(({ body }) => body);
  expect(used.toSorted()).toEqual(bodies.toSorted());
});

test("no dynamic resource is made without what makes its inputs fit for a preview", () => {
  const makers = globSync("components/**/*.ts").filter((file) => readText(file).includes("storedText("));
  expect(makers).toEqual(["components/shared/protocol-resource.ts"]);
});

describe("an input that is not known yet", () => {
  test("is no fault, wherever it stands", async () => {
    const faulty: string[] = [];
    for (const [type, { body, inputs }] of cases) {
      const module = await moduleOf(body);
      const before = await faultsOf(module, inputs, inputs);
      const unknowns = placesOf({ body, inputs }).map((place) => changed(inputs, place, { to: unknownValue }));
      for (const news of [...unknowns, allUnknown(body)]) {
        const faults = await faultsOf(module, inputs, news);
        faulty.push(...faults.filter((fault) => !before.includes(fault)).map((fault) => `${type}: ${fault}`));
      }
    }
    expect(faulty).toEqual([]);
  });

  test("can be compared, wherever it stands", async () => {
    expect(await failedComparisons({ to: unknownValue })).toEqual([]);
  });

  test("replaces nothing, wherever it stands", async () => {
    const replaced: string[] = [];
    for (const [type, { body, inputs }] of cases) {
      const module = await moduleOf(body);
      for (const place of placesOf({ body, inputs })) {
        const { replaces = [] } = await module.diff("id", inputs, changed(inputs, place, { to: unknownValue }));
        replaced.push(...replaces.map((name) => `${type} with ${place.join(".")}: ${name}`));
      }
      const { replaces = [] } = await module.diff("id", inputs, allUnknown(body));
      replaced.push(...replaces.map((name) => `${type}: ${name}`));
    }
    expect(replaced).toEqual([]);
  });
});

test("a state that lacks an input or all outputs, as one edited by hand may, can be compared", async () => {
  expect(await failedComparisons({}, "olds")).toEqual([]);
});

describe("an input that is absent", () => {
  test("is told by its name and breaks nothing", async () => {
    const failures: string[] = [];
    for (const [type, { body, inputs }] of cases) {
      const module = await moduleOf(body);
      for (const place of placesOf({ body, inputs })) {
        await faultsOf(module, inputs, changed(inputs, place, {})).catch((error: unknown) => {
          failures.push(`${type} without ${place.join(".")}: ${String(error)}`);
        });
      }
    }
    expect(failures).toEqual([]);
  });

  test("can be compared", async () => {
    expect(await failedComparisons({})).toEqual([]);
  });
});

/** As where all of it comes from resources that are still to be made. */
function allUnknown(body: string): Inputs {
  return Object.fromEntries(declaredBy(body).map((name) => [name, unknownValue]));
}

async function faultsOf(module: ProtocolModule<Inputs, Inputs>, olds: Inputs, news: Inputs): Promise<string[]> {
  const { failures = [] } = await module.check(olds, news);
  return failures.map(({ reason }) => reason);
}

async function failedComparisons(change: { readonly to?: unknown }, of: "news" | "olds" = "news"): Promise<string[]> {
  const failures: string[] = [];
  for (const [type, { body, inputs }] of cases) {
    const module = await moduleOf(body);
    // With no place it is the inputs as they are, and as a state they lack all outputs.
    for (const place of [[], ...placesOf({ body, inputs })]) {
      const other = place.length === 0 ? inputs : changed(inputs, place, change);
      const [olds, news] = of === "olds" ? [other, inputs] : [inputs, other];
      // What throws before it waits is a failure as well.
      await Promise.resolve()
        .then(() => module.diff("id", olds, news))
        .catch((error: unknown) => {
          failures.push(`${type} with ${place.join(".")}: ${String(error)}`);
        });
    }
  }
  return failures;
}
