/**
 * What the secrets operator's deliveries bear on the dev stack: a second stack that uses the same operator, a sealed
 * Vault, a namespace that somebody deletes with what is in it, an operator or a Postgres that is down when the stack
 * goes. The tests build on each other and run in order. They do not prove anything about an operator of another version
 * than the sandbox's.
 */
import { isDeepStrictEqual } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { operatorChart } from "../../../sandbox/toolchain/operator-chart.ts";
import { goIdentity } from "../../../sandbox/toolchain/tool-cache.ts";
import { DevStack, seededPassword } from "../../support/dev-stack.ts";
import { eventually } from "../../support/live-stack.ts";
import { operatorRemains, removeOperator } from "../../../scripts/suites/operator-remains.ts";
import {
  databaseOf,
  issuedLogins,
  query,
  superuserOf,
  type PostgresLogin,
  type PostgresPlace,
} from "../../support/postgres-client.ts";

const operatorNamespace = "lh-faults-operator";
const operator = ["-n", operatorNamespace, "scale", "deployment/vault-secrets-operator-controller-manager"];

/** A lease ends with the token it was asked for with; the operator's live so long without being renewed. */
const tokenSeconds = 120;

/** The Secrets with logins of the database. */
const secrets = ["vso-db-demo", "vso-db-demo-created"];

let dev: DevStack;
let second: DevStack | undefined;
let place: PostgresPlace;
let superuser: PostgresLogin;

beforeAll(async () => {
  dev = await DevStack.create(
    "lh-faults",
    { vault: 30422, webApp: 30423 },
    {
      secretsOperator: "install",
      secretsOperatorNamespace: operatorNamespace,
      secretsOperatorChart: { kind: "path", path: operatorChart(await goIdentity()) },
      refreshAfter: "5s",
    },
  );
  const up = await dev.stack.up();
  expect(up.code, up.output).toBe(0);
  [place, superuser] = [await databaseOf(dev), await superuserOf(dev)];
});

afterAll(async () => {
  await second?.stack.destroy();
  await removeOperator(dev.stack, operatorNamespace);
  await dev.stack.kubectl("delete", "namespace", operatorNamespace, "--ignore-not-found", "--wait");
  await second?.remove();
  await dev.remove();
});

/** What a Secret holds. */
async function content(namespace: string, name: string): Promise<Record<string, string>> {
  const json = await dev.stack.kubectl("-n", namespace, "get", "secret", name, "-o", "jsonpath={.data}");
  const data = z.record(z.string(), z.string()).parse(JSON.parse(json));
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value, "base64").toString()]));
}

async function deliveredLogins(): Promise<PostgresLogin[]> {
  const login = z.object({ username: z.string(), password: z.string() });
  return Promise.all(secrets.map(async (name) => login.parse(await content(dev.databaseAppNamespace, name))));
}

async function leases(): Promise<string> {
  const path = "jsonpath={.items[*].status.secretLease.id}";
  return dev.stack.kubectl("-n", dev.databaseAppNamespace, "get", "vaultdynamicsecrets", "-o", path);
}

/** That whoever holds a delivered login gets into the database with it. */
async function expectLoginsWork(): Promise<void> {
  for (const login of await deliveredLogins()) {
    expect(await query(place, login, "SELECT current_user AS name")).toEqual([{ name: login.username }]);
  }
}

/** Waits until Postgres has the delivered logins and no other of Vault's. */
async function onlyDeliveredLogins(seconds: number): Promise<void> {
  await eventually(
    "Postgres has the delivered logins and no other",
    async () => {
      const expected = (await deliveredLogins()).map(({ username }) => username).sort();
      return isDeepStrictEqual((await issuedLogins(place, superuser)).sort(), expected);
    },
    seconds,
  );
}

async function expectDelivery(password: string): Promise<void> {
  await (await dev.admin()).writeKv("secret", "webapp/config", { username: "static-user", password });
  await eventually(
    "a changed secret is delivered",
    async () => (await content(dev.demoAppNamespace, "secretkv"))["password"] === password,
  );
}

/** Deletes the namespace of the database's applications with all custom resources in it. */
async function deleteNamespace(seconds: number): Promise<void> {
  await dev.stack.kubectl("delete", "namespace", dev.databaseAppNamespace, "--wait=false");
  const left = ["get", "namespace", dev.databaseAppNamespace, "--ignore-not-found"];
  await eventually("the namespace is gone", async () => (await dev.stack.kubectl(...left)) === "", seconds);
}

async function mend(): Promise<void> {
  const up = await dev.stack.up("--refresh", "--run-program");
  expect(up.code, up.output).toBe(0);
  const again = await dev.stack.preview("--expect-no-changes");
  expect(again.code, again.output).toBe(0);
}

describe("a second stack with the operator that is there", () => {
  test("has its secrets and logins delivered from its own Vault", async () => {
    const ports = { vault: 30424, webApp: 30425 };
    second = await DevStack.create("lh-second", ports, { secretsOperator: "existing" });
    const preview = await second.stack.preview();
    expect(preview.code, preview.output).toBe(0);
    const up = await second.stack.up();
    expect(up.code, up.output).toBe(0);
    for (const run of await second.stack.runsWithoutChanges()) expect(run.code, run.output).toBe(0);
    expect(await content(second.demoAppNamespace, "secretkv")).toMatchObject({ password: seededPassword });
    const login = z.object({ username: z.string(), password: z.string() });
    const { username, password } = login.parse(await content(second.databaseAppNamespace, "vso-db-demo"));
    const rows = await query(await databaseOf(second), { username, password }, "SELECT current_user AS name");
    expect(rows).toEqual([{ name: username }]);
  });

  test("goes in one run with its custom resources, and leaves the operator to the others", async () => {
    if (second === undefined) throw new Error("there is no second stack");
    const destroy = await second.stack.destroy();
    expect(destroy.code, destroy.output).toBe(0);
    expect((await second.stack.exportState()).state.resources).toEqual([]);
    for (const name of [second.namespace, second.demoAppNamespace, second.databaseAppNamespace]) {
      expect(await dev.stack.kubectl("get", "namespace", name, "--ignore-not-found")).toBe("");
    }
    await expectDelivery("after-the-second-stack");
  });
});

describe("while Vault is sealed", () => {
  test("for less than a token's life, each secret stays as it is, and each lease goes on", async () => {
    const [before, logins] = [await leases(), await deliveredLogins()];
    await dev.restartVault();
    expect(await deliveredLogins()).toEqual(logins);
    await expectLoginsWork();
    const up = await dev.stack.up();
    expect(up.code, up.output).toBe(0);
    await expectDelivery("after-a-short-seal");
    expect(await leases()).toBe(before);
    await onlyDeliveredLogins(1);
  });

  test("for minutes, applications keep what they have; the operator goes on by itself and no login is left over", async () => {
    const before = await deliveredLogins();
    await dev.restartVault();
    const sealed = Date.now();
    await eventually(
      "Vault has been sealed for longer than the operator's tokens live",
      () => Promise.resolve(Date.now() - sealed > (tokenSeconds + 60) * 1_000),
      tokenSeconds + 70,
    );
    expect(await deliveredLogins()).toEqual(before);
    await expectLoginsWork();
    const up = await dev.stack.up();
    expect(up.code, up.output).toBe(0);
    await expectDelivery("after-a-long-seal");
    await onlyDeliveredLogins(tokenSeconds + 60);
    await expectLoginsWork();
    const again = await dev.stack.preview("--expect-no-changes");
    expect(again.code, again.output).toBe(0);
  });
});

describe("a namespace that somebody deletes", () => {
  test("goes with its custom resources, and their logins with it", async () => {
    await deleteNamespace(120);
    await eventually(
      "no login is left in Postgres",
      async () => (await issuedLogins(place, superuser)).length === 0,
      tokenSeconds + 60,
    );
    await mend();
    await expectLoginsWork();
    await onlyDeliveredLogins(1);
  });

  test("goes also while Vault is sealed; its logins go once Vault is open again", async () => {
    const before = await issuedLogins(place, superuser);
    await dev.restartVault();
    await deleteNamespace(120);
    expect(await issuedLogins(place, superuser)).toEqual(before);
    await mend();
    await expectLoginsWork();
    await onlyDeliveredLogins(tokenSeconds + 60);
  });
});

describe("a destroy", () => {
  test("without an operator ends by naming what it waits for and what holds it, and leaves the rest as it is", async () => {
    await dev.stack.kubectl(...operator, "--replicas=0");
    const begin = Date.now();
    const destroy = await dev.stack.destroy();
    process.stdout.write(`destroy without an operator: ${(Date.now() - begin) / 1000} s\n`);
    expect(destroy.code, destroy.output).not.toBe(0);
    expect(destroy.output).toContain("vso-db-demo");
    expect(destroy.output).toContain(
      "finalizers might be preventing deletion (vaultdynamicsecret.secrets.hashicorp.com",
    );
    expect((await dev.sealStatus()).sealed).toBe(false);
  });

  test("is finished by the next one with an operator, in one run and without a trace, although Postgres is down", async () => {
    await dev.stack.kubectl(...operator, "--replicas=1");
    await dev.stack.kubectl("-n", dev.postgresNamespace, "scale", "statefulset", "postgres", "--replicas=0");
    const destroy = await dev.stack.destroy();
    expect(destroy.code, destroy.output).toBe(0);
    expect((await dev.stack.exportState()).state.resources).toEqual([]);
    const namespaces = [dev.namespace, dev.demoAppNamespace, dev.databaseAppNamespace, dev.postgresNamespace];
    for (const name of [...namespaces, operatorNamespace]) {
      expect(await dev.stack.kubectl("get", "namespace", name, "--ignore-not-found")).toBe("");
    }
    expect(await operatorRemains(dev.stack)).toEqual([]);
  });
});
