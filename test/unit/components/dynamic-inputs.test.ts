import { globSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { beforeAll, describe, expect, test, vi } from "vitest";
import type { ProtocolModule } from "../../../components/vault/protocol-provider.ts";
import { UNKNOWN } from "../../../components/vault/protocol/unknown.ts";
import { graphOfDev } from "../../support/graph-of-dev.ts";

/**
 * Every dynamic resource of the stacks with every one of its inputs, found from the code: the bodies by their files, the inputs by
 * what the stacks really ask for. It does not prove what the engine makes of the answers; the live tests do.
 */

type Inputs = Record<string, unknown>;

/** A body and the inputs that a stack registers it with. */
interface Case {
  readonly body: string;
  readonly inputs: Inputs;
}

const bodies = globSync("components/**/*-resource.ts").filter((file) => file.includes("/protocol/"));
const cases = new Map<string, Case>();

beforeAll(async () => {
  // Nobody is asked anything.
  vi.stubEnv("KUBECONFIG", "/nonexistent");
  const graphs = await Promise.all([graphOfDev({}), graphOfDev({ stack: "ha" })]);
  for (const { type, inputs } of graphs.flatMap(({ resources }) => resources)) {
    const body = /([\w-]+-resource\.ts)/.exec(
      typeof inputs["__provider"] === "string" ? inputs["__provider"] : "",
    )?.[1];
    if (body !== undefined) cases.set(type, { body, inputs: withoutOutputs(inputs) });
  }
}, 120_000);

function readText(file: string): string {
  return readFileSync(file, "utf8");
}

function withoutOutputs(inputs: Readonly<Inputs>): Inputs {
  return Object.fromEntries(Object.entries(inputs).filter(([name]) => name !== "__provider"));
}

async function moduleOf(body: string): Promise<ProtocolModule<Inputs, Inputs>> {
  const file = bodies.find((path) => path.endsWith(`/${body}`)) ?? body;
  return (await import(resolve(file))) as ProtocolModule<Inputs, Inputs>;
}

/** Places of all values, those inside objects and lists too. */
function placesIn(value: unknown, prefix: readonly string[] = []): string[][] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, part]) => [[...prefix, key], ...placesIn(part, [...prefix, key])]);
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
  const existing = bodies.map((file) => file.split("/").at(-1));
  expect(used.toSorted()).toEqual(existing.toSorted());
});

test("no dynamic resource is made without what makes its inputs fit for a preview", () => {
  const makers = globSync("components/**/*.ts").filter((file) => readText(file).includes("pulumi.dynamic.Resource {"));
  expect(makers).toEqual(["components/vault/protocol-resource.ts"]);
});

describe("an input that is not known yet", () => {
  test("is no fault, wherever it stands", async () => {
    const faulty: string[] = [];
    for (const [type, { body, inputs }] of cases) {
      const module = await moduleOf(body);
      const before = await faultsOf(module, inputs, inputs);
      for (const place of placesIn(inputs)) {
        const faults = await faultsOf(module, inputs, changed(inputs, place, { to: UNKNOWN }));
        faulty.push(...faults.filter((fault) => !before.includes(fault)).map((fault) => `${type}: ${fault}`));
      }
    }
    expect(faulty).toEqual([]);
  });

  test("can be compared, wherever it stands", async () => {
    expect(await failedComparisons({ to: UNKNOWN })).toEqual([]);
  });
});

describe("an input that is absent", () => {
  test("is told by its name and breaks nothing", async () => {
    const failures: string[] = [];
    for (const [type, { body, inputs }] of cases) {
      const module = await moduleOf(body);
      for (const place of placesIn(inputs)) {
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

async function faultsOf(module: ProtocolModule<Inputs, Inputs>, olds: Inputs, news: Inputs): Promise<string[]> {
  const { failures = [] } = await module.check(olds, news);
  return failures.map(({ reason }) => reason);
}

async function failedComparisons(change: { readonly to?: unknown }): Promise<string[]> {
  const failures: string[] = [];
  for (const [type, { body, inputs }] of cases) {
    const module = await moduleOf(body);
    for (const place of placesIn(inputs)) {
      await module.diff("id", inputs, changed(inputs, place, change)).catch((error: unknown) => {
        failures.push(`${type} with ${place.join(".")}: ${String(error)}`);
      });
    }
  }
  return failures;
}
