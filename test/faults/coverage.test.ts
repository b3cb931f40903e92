import { expect, test } from "vitest";
import { adminAccessSteps } from "../../components/vault/protocol/admin-access-protocol.ts";
import { initSteps } from "../../components/vault/protocol/init-protocol.ts";
import { rekeySteps } from "../../components/vault/protocol/rekey-protocol.ts";
import { unsealSteps } from "../../components/vault/protocol/unseal-protocol.ts";
import { makeEscrow } from "../support/escrow-key.ts";
import { traceOf } from "../support/fault-walk.ts";
import { scenarios } from "./scenarios.ts";

/** Needs keys that wait in the state and, meanwhile, another run that loses its own: more than one scenario's fault. */
const untaken = ["init/archive-unsaved"];

test("the scenarios together take every step of every protocol", async () => {
  const escrow = await makeEscrow();
  const traces = await Promise.all(Object.values(scenarios).map((scenario) => traceOf(scenario, escrow)));
  const taken = new Set(traces.flat().map(({ event }) => `${event.protocol}/${event.step}`));
  const all = [
    ...initSteps.map(({ name }) => `init/${name}`),
    ...unsealSteps.map(({ name }) => `unseal/${name}`),
    ...adminAccessSteps.map(({ name }) => `admin-access/${name}`),
    ...rekeySteps.map(({ name }) => `rekey/${name}`),
  ];
  expect(all.filter((step) => !taken.has(step))).toEqual(untaken);
}, 120_000);
