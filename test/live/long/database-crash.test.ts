/**
 * What is left when a first `up` is killed while Postgres starts, on a real engine, cluster and Postgres. It does not
 * prove anything about the moment in which an object inside Postgres is made: that run would not know of it.
 */
import { afterAll, beforeAll, expect, test } from "vitest";
import { DevStack } from "../../support/dev-stack.ts";
import { eventually } from "../../support/live-stack.ts";

let dev: DevStack;

beforeAll(async () => {
  dev = await DevStack.create("lp-crash", { vault: 30385, webApp: 30386 });
});

afterAll(async () => {
  await dev.remove();
});

/** What the kubelet says of the pod's two steps: preparing its folder, serving. */
async function postgresPod(path: string): Promise<string> {
  const pod = ["-n", dev.postgresNamespace, "get", "pod", "postgres-0", "--ignore-not-found"];
  return dev.stack.kubectl(...pod, "-o", `jsonpath={.status.${path}}`).catch(() => "");
}

test("a first up that is killed while Postgres prepares its folder is finished by the next, with the same data", async () => {
  const up = dev.stack.startUp();
  // Killed before the engine has written it down, a StatefulSet is for the runbook killed-run.
  const isKnown = (): boolean => /StatefulSet postgres created/.test(up.printed());
  await eventually("the pod is there", async () => isKnown() && (await postgresPod("phase")) !== "");
  await up.signal("SIGKILL");
  await eventually("all processes of the run have ended", () => Promise.resolve(dev.stack.processes().length === 0));
  await dev.stack.cancel();
  const next = await dev.stack.up();
  expect(next.code, next.output).toBe(0);
  const again = await dev.stack.preview("--expect-no-changes");
  expect(again.code, again.output).toBe(0);
});

test("a pod that is killed while it prepares its folder begins anew, and one with data keeps it", async () => {
  const claim = ["-n", dev.postgresNamespace, "exec", "postgres-0", "-c", "postgres", "--"];
  // As initdb leaves it when it is killed: a folder under another name.
  await dev.stack.kubectl(...claim, "sh", "-c", "mv $PGDATA $PGDATA.new");
  await dev.stack.kubectl("-n", dev.postgresNamespace, "delete", "pod", "postgres-0", "--grace-period=0", "--force");
  await eventually("the pod serves", async () => (await postgresPod("containerStatuses[0].ready")) === "true", 120);
  const up = await dev.stack.up("--refresh", "--run-program");
  expect(up.code, up.output).toBe(0);
  await dev.stack.kubectl("-n", dev.postgresNamespace, "delete", "pod", "postgres-0");
  await eventually(
    "the pod serves again",
    async () => (await postgresPod("containerStatuses[0].ready")) === "true",
    120,
  );
  const again = await dev.stack.preview("--refresh", "--run-program", "--expect-no-changes");
  expect(again.code, again.output).toBe(0);
});
