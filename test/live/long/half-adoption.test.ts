/**
 * An adoption, after a lost state, that ends half-way: the state has the certificate and the password that Postgres is
 * to have, and the server has still others. On a real engine, cluster, Vault and Postgres. It does not prove anything
 * about other halves.
 */
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { DevStack } from "../../support/dev-stack.ts";

let dev: DevStack;

beforeAll(async () => {
  dev = await DevStack.create("live-half", { vault: 30246, webApp: 30247 });
  const up = await dev.stack.up();
  expect(up.code, up.output).toBe(0);
});

afterAll(async () => {
  await dev.remove();
});

const exported = z.looseObject({
  deployment: z.looseObject({ resources: z.array(z.looseObject({ type: z.string() })) }),
});

/** What a run has put into its state when it ends right after it made up certificate and password of Postgres. */
function onlyMadeUp(text: string): string {
  const state = exported.parse(JSON.parse(text));
  const kept =
    /^(?:pulumi:pulumi:Stack|pulumi:providers:(?:tls|random)|vaultstack:postgres:PostgresServer|tls:.*|random:.*)$/;
  // What they are linked to is not in that state.
  const unlinked = { dependencies: [], propertyDependencies: {}, deletedWith: "" };
  const resources = state.deployment.resources
    .filter(({ type }) => kept.test(type))
    .map((resource) => ({ ...resource, ...unlinked }));
  return JSON.stringify({ ...state, deployment: { ...state.deployment, resources } });
}

test("goes on in the next plain up, whose preview asks nothing of a server it cannot verify yet", async () => {
  const { clusterId } = await dev.vault();
  const { text } = await dev.stack.exportState();
  await dev.stack.loseState();
  const whole = await dev.adoptWhatExists();
  expect(whole.code, whole.output).toBe(0);
  // The server has what that run made up by now; the state goes back to what another one had.
  await dev.stack.importState(onlyMadeUp(text));
  await dev.stack.set("adoptExisting", "true");
  const preview = await dev.stack.preview();
  expect(preview.code, preview.output).toBe(0);
  const up = await dev.stack.up();
  expect(up.code, up.output).toBe(0);
  await dev.stack.unset("adoptExisting");
  const settled = await dev.stack.up();
  expect(settled.code, settled.output).toBe(0);
  const again = await dev.stack.preview("--expect-no-changes");
  expect(again.code, again.output).toBe(0);
  expect((await dev.vault()).clusterId).toBe(clusterId);
});
