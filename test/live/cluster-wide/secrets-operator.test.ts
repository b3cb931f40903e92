/**
 * Both kinds of stack with the secrets operator, through their whole lives: one after the other, for there can be one
 * operator in a cluster. The tests of a stack build on each other and run in order. They do not prove anything about a
 * network that enforces policies.
 */
import { get } from "node:https";
import { isDeepStrictEqual } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { operatorChart } from "../../../sandbox/toolchain/operator-chart.ts";
import { goIdentity } from "../../../sandbox/toolchain/tool-cache.ts";
import { startTrying } from "../../support/availability.ts";
import { DevStack, seededPassword } from "../../support/dev-stack.ts";
import { HaStack } from "../../support/ha-stack.ts";
import { eventually } from "../../support/live-stack.ts";
import { operatorRemains, removeOperator } from "../../../scripts/suites/operator-remains.ts";
import { databaseOf, issuedLogins, type PostgresLogin, query, superuserOf } from "../../support/postgres-client.ts";
import { vaultAt, type VaultClient } from "../../support/vault-client.ts";

const refreshSeconds = 5;
const secretData = z.record(z.string(), z.string());

/** A stack as the suite needs it, whatever its kind. */
interface OperatorStack {
  /** Its names, and what is the same on all kinds. */
  readonly dev: DevStack;
  /** A client with the stack's own login, which can verify its Vault. */
  readonly admin: () => Promise<VaultClient>;
}

type Config = Readonly<Record<string, unknown>>;

const kinds = [
  {
    kind: "dev",
    loginSeconds: { atFirst: 600, atMost: 1_200 },
    create: async (config: Config): Promise<OperatorStack> => {
      const dev = await DevStack.create("lv-operator", { vault: 30390, webApp: 30391 }, config);
      return { dev, admin: () => dev.admin() };
    },
  },
  {
    kind: "ha",
    loginSeconds: { atFirst: 300, atMost: 600 },
    create: async (config: Config): Promise<OperatorStack> => {
      const certificate = { kind: "issued", authorities: ["ca1"] };
      const ha = await HaStack.create("lh-operator", { vault: 30420, webApp: 30421 }, { certificate, ...config });
      return { dev: ha.dev, admin: () => ha.admin() };
    },
  },
];

let dev: DevStack;
let operatorNamespace: string;
let admin: () => Promise<VaultClient>;

/** A delivered Secret as a pod would see it. */
async function delivered(namespace = dev.demoAppNamespace, name = "secretkv"): Promise<Record<string, string>> {
  const json = ["-n", namespace, "get", "secret", name, "-o", "jsonpath={.data}"];
  const data = secretData.parse(JSON.parse(await dev.stack.kubectl(...json)));
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value, "base64").toString()]));
}

/** Runs one command of kubectl in the operator's namespace. */
async function inOperator(...args: string[]): Promise<string> {
  return dev.stack.kubectl("-n", operatorNamespace, ...args);
}

/** Names of what keeps the operator's tokens across restarts. */
async function cachedClients(): Promise<string> {
  const selector = "app.kubernetes.io/component=client-cache-storage";
  return inOperator("get", "secret", "-l", selector, "-o", "jsonpath={.items[*].metadata.name}");
}

/** The applications of the database, by Deployment, with the Secret each reads. */
const apps: Readonly<Record<string, string>> = {
  "vso-db-demo": "vso-db-demo",
  "vso-db-demo-created": "vso-db-demo-created",
};

async function databaseApps(...args: string[]): Promise<string> {
  return dev.stack.kubectl("-n", dev.databaseAppNamespace, ...args);
}

const databaseLogin = z.object({ username: z.string(), password: z.string() });

async function loginOf(app: string): Promise<PostgresLogin> {
  return databaseLogin.parse(await delivered(dev.databaseAppNamespace, apps[app]));
}

/** What a pod of an application shows of what it was given. */
async function shown(app: string): Promise<unknown> {
  const ready =
    '{range .items[?(@.status.containerStatuses[0].ready==true)]}{.metadata.name} {.metadata.deletionTimestamp}{"\\n"}{end}';
  const pods = await databaseApps("get", "pods", "-l", `app.kubernetes.io/instance=${app}`, "-o", `jsonpath=${ready}`);
  const [pod = ""] = pods
    .split("\n")
    .map((line) => line.split(" "))
    .filter(([, deleted]) => deleted === "")
    .map(([name = ""]) => name);
  return JSON.parse(
    await dev.stack.kubectl("get", "--raw", `/api/v1/namespaces/${dev.databaseAppNamespace}/pods/${pod}:8080/proxy/`),
  );
}

async function leases(): Promise<string> {
  return databaseApps("get", "vaultdynamicsecrets", "-o", "jsonpath={.items[*].status.secretLease.id}");
}

const deployment = "deployment/vault-secrets-operator-controller-manager";

describe.each(kinds)("the $kind stack with the secrets operator", ({ kind, loginSeconds, create }) => {
  beforeAll(async () => {
    const chart = { kind: "path", path: operatorChart(await goIdentity()) };
    const config = { secretsOperator: "install", secretsOperatorChart: chart, refreshAfter: `${refreshSeconds}s` };
    ({ dev, admin } = await create({ ...config, secretsOperatorNamespace: `l-${kind}-operator-system` }));
    operatorNamespace = `l-${kind}-operator-system`;
  });

  afterAll(async () => {
    await removeOperator(dev.stack, operatorNamespace);
    await dev.stack.kubectl("delete", "namespace", operatorNamespace, "--ignore-not-found", "--wait");
    await dev.remove();
  });

  test("comes up from nothing with the secret delivered, and no more of it than was asked for", async () => {
    const preview = await dev.stack.preview();
    expect(preview.code, preview.output).toBe(0);
    const up = await dev.stack.up();
    expect(up.code, up.output).toBe(0);
    expect(await delivered()).toEqual({ username: "static-user", password: seededPassword });
    expect(await dev.stack.outputs()).toMatchObject({ demo: { appSecretName: "secretkv" } });
  });

  test("has nothing to change afterwards: not in a second up, a preview or a refresh", async () => {
    for (const run of await dev.stack.runsWithoutChanges()) expect(run.code, run.output).toBe(0);
  });

  test("brings a changed secret to its workload within the time it is read again", async () => {
    await (
      await admin()
    ).writeKv("secret", "webapp/config", { username: "static-user2", password: "static-password2" });
    await eventually(
      "the changed secret arrives",
      async () => (await delivered())["password"] === "static-password2",
      refreshSeconds,
    );
    expect(await delivered()).toEqual({ username: "static-user2", password: "static-password2" });
  });

  test("mends a Secret that was changed by hand", async () => {
    const patch = JSON.stringify({ stringData: { password: "changed-by-hand", extra: "left-behind" } });
    await dev.stack.kubectl("-n", dev.demoAppNamespace, "patch", "secret", "secretkv", "--type=merge", "-p", patch);
    await eventually(
      "the Secret is as it was",
      async () =>
        !(await dev.stack.kubectl("-n", dev.demoAppNamespace, "get", "secret", "secretkv", "-o", "yaml")).includes(
          "extra",
        ),
      2 * refreshSeconds,
    );
    expect(await delivered()).toEqual({ username: "static-user2", password: "static-password2" });
  });

  test("lets the workload's login do what its secrets need, and nothing else", async () => {
    const token = ["-n", dev.demoAppNamespace, "create", "token", "demo-static-app", "--audience=vault"];
    await admin();
    const { address } = await dev.vault();
    const jwt = (await dev.stack.kubectl(...token)).trim();
    const workload = vaultAt(address, await vaultAt(address).loginKubernetes("demo-auth-mount", "role1", jwt));
    expect((await workload.lookupSelf()).policies).toEqual(["default", "static-auth"]);
    expect(await workload.readKv("secret", "webapp/config")).toMatchObject({ username: "static-user2" });
    expect(await workload.status("GET", "secret/data/other")).toBe(403);
    expect(await workload.status("GET", "secret/metadata/webapp/config")).toBe(403);
    expect(await workload.status("PUT", "sys/leases/revoke", { lease_id: "x" })).toBe(403);
    expect(await workload.status("POST", "demo-transit/encrypt/vso-client-cache", { plaintext: "eA==" })).toBe(403);
  });

  test("keeps the operator's tokens encrypted by Vault, and goes on with them after a restart", async () => {
    await eventually("the operator keeps its tokens", async () => (await cachedClients()) !== "");
    const before = await cachedClients();
    for (const name of before.split(" ")) {
      const content = await inOperator("get", "secret", name, "-o", "jsonpath={.data.secret}");
      expect(Buffer.from(content, "base64").toString()).toMatch(/vault:v1:/);
    }
    await inOperator("rollout", "restart", deployment);
    await inOperator("rollout", "status", deployment, "--timeout=180s");
    expect(await cachedClients()).toBe(before);
    await (await admin()).writeKv("secret", "webapp/config", { username: "u3", password: "after-a-restart" });
    await eventually("secrets are delivered again", async () => (await delivered())["password"] === "after-a-restart");
  });

  test("tells its metrics to whom the cluster lets, and to nobody else", async () => {
    const binding = "lv-operator-metrics-reader";
    const role = "--clusterrole=vault-secrets-operator-metrics-reader";
    const pod = ["get", "pod", "-l", "control-plane=controller-manager", "-o", "jsonpath={.items[0].status.podIP}"];
    const address = await inOperator(...pod);
    const tokens: string[] = [];
    for (const account of ["anybody", "metrics-reader"]) {
      await inOperator("create", "serviceaccount", account);
      tokens.push((await inOperator("create", "token", account)).trim());
    }
    const [anybody = "", reader = ""] = tokens;
    const subject = `--serviceaccount=${operatorNamespace}:metrics-reader`;
    await inOperator("create", "clusterrolebinding", binding, role, subject);
    try {
      await eventually("the reader is let in", async () => (await metrics(address, reader)).status === 200);
      const { body } = await metrics(address, reader);
      expect(body).toMatch(
        /^controller_runtime_reconcile_total\{controller="vaultstaticsecret",result="requeue_after"\} \d/m,
      );
      expect(await metrics(address, anybody)).toMatchObject({ status: 403 });
    } finally {
      await inOperator("delete", "clusterrolebinding", binding);
      await inOperator("delete", "serviceaccount", "anybody", "metrics-reader");
    }
  });

  test("delivers logins of the database to two applications, as files and as variables, each a login of its own", async () => {
    const place = await databaseOf(dev);
    const role = z
      .object({ data: z.object({ default_ttl: z.number(), max_ttl: z.number() }) })
      .parse(await (await admin()).request("GET", "demo-db/roles/dev-postgres")).data;
    expect(role).toEqual({ default_ttl: loginSeconds.atFirst, max_ttl: loginSeconds.atMost });
    for (const app of Object.keys(apps)) {
      const login = await loginOf(app);
      expect(login.username).toMatch(/^v-/);
      const session = "SELECT current_user AS name, ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
      expect(await query(place, login, session)).toEqual([{ name: login.username, ssl: true }]);
      expect(await shown(app)).toEqual(login);
    }
    expect((await loginOf("vso-db-demo")).username).not.toBe((await loginOf("vso-db-demo-created")).username);
  });

  test("keeps its leases over a restart", async () => {
    const before = await leases();
    await inOperator("rollout", "restart", deployment);
    await inOperator("rollout", "status", deployment, "--timeout=180s");
    await eventually("the new operator has looked at the leases", async () => {
      const uid = await inOperator(
        "get",
        "pod",
        "-l",
        "control-plane=controller-manager",
        "-o",
        "jsonpath={.items[*].metadata.uid}",
      );
      const lookedAt = await databaseApps(
        "get",
        "vaultdynamicsecrets",
        "-o",
        "jsonpath={.items[*].status.lastRuntimePodUID}",
      );
      return lookedAt === `${uid} ${uid}`;
    });
    expect(await leases()).toEqual(before);
  });

  test("replaces a login that ends: the application is restarted with the new one and serves all along, and the old one is gone", async () => {
    const place = await databaseOf(dev);
    const before = await loginOf("vso-db-demo-created");
    const vault = await admin();
    const role = z
      .object({ data: z.record(z.string(), z.unknown()) })
      .parse(await vault.request("GET", "demo-db/roles/dev-postgres")).data;
    await vault.request("PUT", "demo-db/roles/dev-postgres", { ...role, default_ttl: 20, max_ttl: 30 });
    // The operator asks for a new login when what is asked for changes; from then on the short life of the role holds.
    const patch = ["patch", "vaultdynamicsecret", "vso-db-demo-create", "--type=merge", "-p"];
    await databaseApps(...patch, JSON.stringify({ spec: { renewalPercent: 50 } }));
    await eventually(
      "a login of the short life is delivered",
      async () => (await loginOf("vso-db-demo-created")).username !== before.username,
    );
    const short = await loginOf("vso-db-demo-created");
    const use = startTrying(async () =>
      query(place, databaseLogin.parse(await shown("vso-db-demo-created")), "SELECT 1"),
    );
    await eventually(
      "it is replaced",
      async () => (await loginOf("vso-db-demo-created")).username !== short.username,
      90,
    );
    await eventually(
      "the application has the login that is delivered",
      async () => isDeepStrictEqual(await shown("vso-db-demo-created"), await loginOf("vso-db-demo-created")),
      90,
    );
    // The first one lives on to the end of its lease: the operator revokes with the custom resource only.
    await eventually(
      "the login that ended is gone from Postgres",
      async () => !(await issuedLogins(place, await superuserOf(dev))).includes(short.username),
    );
    const { successes, outage, failures } = await use.stop();
    process.stdout.write(`${kind}: longest time without a query by what the application has: ${outage} ms\n`);
    expect(successes).toBeGreaterThan(10);
    // Without the next login in time it would have none for longer than the role's logins live.
    expect(outage, failures.join("\n")).toBeLessThan(30_000);
    await vault.request("PUT", "demo-db/roles/dev-postgres", role);
    for (const up of await dev.takeBackFields()) expect(up.code, up.output).toBe(0);
    const again = await dev.stack.preview("--expect-no-changes");
    expect(again.code, again.output).toBe(0);
  });

  test("is mended by an up that may take fields back when the operator was scaled away", async () => {
    await inOperator("scale", deployment, "--replicas=0");
    for (const up of await dev.takeBackFields()) expect(up.code, up.output).toBe(0);
    await (await admin()).writeKv("secret", "webapp/config", { username: "u4", password: "after-an-outage" });
    await eventually("secrets are delivered again", async () => (await delivered())["password"] === "after-an-outage");
  });

  test("stops with the operator's own words when a changed secret cannot be delivered, and goes on when it can", async () => {
    await (await admin()).request("DELETE", "secret/metadata/webapp/config");
    await dev.stack.set("refreshAfter", "6s");
    const failed = await dev.stack.up();
    expect(failed.code).not.toBe(0);
    const secret = `VaultStaticSecret ${dev.demoAppNamespace}/vault-kv-app`;
    expect(failed.output).toContain(`${secret}: must be synced within 120 s, got:`);
    expect(failed.output).toMatch(/VaultClientError: Failed to read Vault secret: /);
    expect(failed.output).toContain("docs/guides/delivered-secrets.md#a-secret-is-not-synced");
    await (await admin()).writeKv("secret", "webapp/config", { username: "u5", password: "written-again" });
    const up = await dev.stack.up();
    expect(up.code, up.output).toBe(0);
    expect(await delivered()).toMatchObject({ password: "written-again" });
    const again = await dev.stack.preview("--expect-no-changes");
    expect(again.code, again.output).toBe(0);
  });

  if (kind === "ha") {
    test("reaches the leader over TLS, and takes new authorities over while they are exchanged", async () => {
      const connection = async (path: string): Promise<string> =>
        inOperator("get", "vaultconnection", "default", "-o", `jsonpath={.spec.${path}}`);
      expect(await connection("address")).toBe(`https://vault-active.${dev.namespace}.svc:8200`);
      expect(await connection("skipTLSVerify")).toMatch(/^(false)?$/);
      const secrets = new Set([await connection("caCertSecretRef")]);
      const steps = [["ca1", "ca2"], ["ca2", "ca1"], ["ca2"]];
      for (const [index, authorities] of steps.entries()) {
        await dev.stack.unset("certificate.authorities");
        for (const [place, authority] of authorities.entries()) {
          await dev.stack.set(`certificate.authorities[${place}]`, authority);
        }
        const up = await dev.stack.up();
        expect(up.code, up.output).toBe(0);
        secrets.add(await connection("caCertSecretRef"));
        const password = `under-authorities-${index}`;
        await (await admin()).writeKv("secret", "webapp/config", { username: "u6", password });
        await eventually("a changed secret arrives", async () => (await delivered())["password"] === password);
      }
      expect(secrets.size).toBe(1 + steps.length);
      const kept = await inOperator("get", "secrets", "-l", "app.kubernetes.io/name=default", "-o", "name");
      expect(kept.trim()).toBe(`secret/${[...secrets].at(-1) ?? ""}`);
      const place = await databaseOf(dev);
      for (const app of Object.keys(apps)) {
        await eventually("the application has a login that works", async () => {
          const login = databaseLogin.parse(await shown(app));
          return (await query(place, login, "SELECT 1 AS one")).length === 1;
        });
      }
      const again = await dev.stack.preview("--expect-no-changes");
      expect(again.code, again.output).toBe(0);
    });
  }

  test("is destroyed in one run, and leaves nothing: no namespace, no definition, no right in the cluster", async () => {
    expect(await leases()).not.toBe("");
    const destroy = await dev.stack.destroy();
    expect(destroy.code, destroy.output).toBe(0);
    expect((await dev.stack.exportState()).state.resources).toEqual([]);
    for (const name of [
      dev.namespace,
      dev.webAppNamespace,
      dev.demoAppNamespace,
      dev.databaseAppNamespace,
      dev.postgresNamespace,
      operatorNamespace,
    ]) {
      expect(await dev.stack.kubectl("get", "namespace", name, "--ignore-not-found")).toBe("");
    }
    expect(await operatorRemains(dev.stack)).toEqual([]);
  });
});

/** The metrics as Prometheus would ask for them: over TLS, with a token. The certificate is the side-car's own. */
function metrics(address: string, token: string): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const headers = { Authorization: `Bearer ${token}` };
    get({ host: address, port: 8443, path: "/metrics", headers, rejectUnauthorized: false }, (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (text: string) => (body += text));
      response.on("end", () => {
        resolve({ status: response.statusCode ?? 0, body });
      });
    }).on("error", reject);
  });
}
