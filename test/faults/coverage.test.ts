import { existsSync, globSync } from "node:fs";
import { basename, join } from "node:path";
import { expect, test } from "vitest";
import { adminAccessSteps } from "../../protocol/admin-access/admin-access-protocol.ts";
import { initSteps } from "../../protocol/init/init-protocol.ts";
import { rekeySteps } from "../../protocol/rekey/rekey-protocol.ts";
import { unsealSteps } from "../../protocol/unseal/unseal-protocol.ts";
import { makeEscrow } from "../support/escrow-key.ts";
import { traceOf } from "../support/fault-walk.ts";
import { requestScenarios } from "./request-scenarios.ts";
import { scenarios } from "./scenarios.ts";

/** Needs keys that wait in the state and, meanwhile, another run that loses its own: more than one scenario's fault. */
const untaken = ["init/archive-unsaved"];

/** Their steps are walked through. */
const stepped = { init: initSteps, unseal: unsealSteps, "admin-access": adminAccessSteps, rekey: rekeySteps };

test("the scenarios together take every step of every protocol", async () => {
  const escrow = await makeEscrow();
  const traces = await Promise.all(Object.values(scenarios).map((scenario) => traceOf(scenario, escrow)));
  const taken = new Set(traces.flat().map(({ event }) => `${event.protocol}/${event.step}`));
  const all = Object.entries(stepped).flatMap(([protocol, steps]) => steps.map(({ name }) => `${protocol}/${name}`));
  expect(all.filter((step) => !taken.has(step))).toEqual(untaken);
}, 120_000);

test("every dynamic resource is walked through, by its steps or by its requests", () => {
  const files = globSync("protocol/**/*-resource.ts", { cwd: join(import.meta.dirname, "../..") });
  const resources = files.map((file) => basename(file, "-resource.ts"));
  const byRequests = Object.keys(requestScenarios).filter((name) =>
    existsSync(join(import.meta.dirname, `${name}.test.ts`)),
  );
  expect([...Object.keys(stepped), ...byRequests].sort()).toEqual(resources.sort());
});
