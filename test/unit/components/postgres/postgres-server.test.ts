import { describe, expect, test, vi } from "vitest";
import { configFiles, renderPostgresPod } from "../../../../components/postgres/pod-template.ts";
import { passwordFaults, postgresNameFaults } from "../../../../components/postgres/postgres-name.ts";
import { postgresServerFaults } from "../../../../components/postgres/postgres-server.ts";
import { graphOfDev } from "../../../support/graph-of-dev.ts";
import { find, masked } from "../../../../graph/recorder.ts";

// Proves what is asked for. That Postgres starts, and speaks TLS only, is proved in test/live/long.

// The graph is recorded in a process; on a busy machine it takes seconds to start.
vi.setConfig({ testTimeout: 60_000 });

describe("a Postgres server", () => {
  test("has a certificate for every name it is reached by, this end of a tunnel included", async () => {
    const names = ["postgres.postgres.svc", "postgres", "postgres.postgres", "postgres.postgres.svc.cluster.local"];
    const certificate = find(await graphOfDev(), "tls:index/selfSignedCert:SelfSignedCert", "postgres-certificate");
    expect(certificate.inputs).toMatchObject({ dnsNames: [...names, "postgres.test"], ipAddresses: [] });
    const access = { kind: "address", host: "127.0.0.1", port: 18_300 };
    const loopback = await graphOfDev({ settings: { postgres: JSON.stringify({ kind: "server", access }) } });
    const { inputs } = find(loopback, "tls:index/selfSignedCert:SelfSignedCert", "postgres-certificate");
    expect(inputs).toMatchObject({ dnsNames: names, ipAddresses: ["127.0.0.1"] });
  });

  test("is verified by its provider, which takes nothing from the environment and comes after the server answers", async () => {
    const { inputs, dependencies } = find(await graphOfDev(), "pulumi:providers:postgresql", "postgres");
    expect(inputs).toMatchObject({
      host: "postgres.test",
      port: "5432",
      sslmode: "verify-full",
      sslrootcert: ".vault/stack/postgres.pem",
      username: "postgres",
      password: masked,
    });
    expect(dependencies).toContain("postgres-ready");
  });

  test("is spoken with by nothing before it answers", async () => {
    const { resources } = await graphOfDev();
    const before = (name: string, found = new Set<string>()): Set<string> => {
      for (const { dependencies, provider } of resources.filter((one) => one.name === name)) {
        for (const next of [...dependencies, provider].filter((one) => !found.has(one))) before(next, found.add(next));
      }
      return found;
    };
    const speaking = resources.filter(({ type }) => /^pulumi-nodejs:dynamic\/postgres:(?!Ready$)/.test(type));
    expect(speaking.length).toBeGreaterThan(3);
    expect(speaking.filter(({ name }) => !before(name).has("postgres-ready")).map(({ name }) => name)).toEqual([]);
  });

  test("draws a password unless it is given one, and shows neither", async () => {
    const random = await graphOfDev();
    expect(random.resources.map(({ name }) => name)).toContain("postgres-password");
    const given = await graphOfDev({ settings: { postgresPassword: "a-given-password" } });
    expect(given.resources.map(({ name }) => name)).not.toContain("postgres-password");
    expect(JSON.stringify([random, given])).not.toMatch(/postgres-password-result|a-given-password/);
  });

  test("starts anew with a changed password or certificate: their objects have no fixed name", async () => {
    for (const name of ["postgres-superuser", "postgres-tls"]) {
      const { inputs } = find(await graphOfDev(), "kubernetes:core/v1:Secret", name);
      expect(inputs["immutable"]).toBe(true);
      expect(inputs["metadata"]).not.toHaveProperty("name");
    }
  });

  test("rejects a size that cannot be", () => {
    expect(postgresServerFaults({ storageSize: "1G" as "1Gi" })).toHaveLength(1);
  });
});

describe("the pod of a Postgres server", () => {
  const template = renderPostgresPod({
    labels: {},
    image: "postgres:17.10",
    resources: { requests: { cpu: "1", memory: "1Gi" }, limits: { cpu: "1", memory: "1Gi" } },
    configMap: "config",
    passwordSecret: "superuser",
    certificateSecret: "tls",
  });

  test("finds password and key in files, readable for its group at most", () => {
    expect(JSON.stringify(template)).not.toMatch(/secretKeyRef|POSTGRES_PASSWORD/);
    expect(JSON.stringify(template)).toContain('"defaultMode":288');
  });

  test("lets nobody in without TLS and a password", () => {
    const rules = configFiles["pg_hba.conf"]?.trim().split("\n") ?? [];
    expect(rules.every((rule) => /^(?:(?:local|hostssl) .* scram-sha-256|host .* reject)$/.test(rule))).toBe(true);
  });

  test("lets nobody but the superuser into the databases that are not made for logins", () => {
    const rules =
      configFiles["pg_hba.conf"]
        ?.trim()
        .split(/\n/)
        .map((rule) => rule.split(/ +/)) ?? [];
    const first = (database: string, user: string): string | undefined =>
      rules
        .find(
          ([kind = "", databases = "", users = ""]) =>
            kind !== "local" &&
            ["all", user].includes(users) &&
            (databases === "all" || databases.split(",").includes(database)),
        )
        ?.at(-1);
    expect(first("postgres", "postgres")).toBe("scram-sha-256");
    for (const database of ["postgres", "template1"]) expect(first(database, "v-login")).toBe("reject");
    expect(first("mydb", "v-login")).toBe("scram-sha-256");
  });
});

describe("a name in Postgres", () => {
  test.each(["app", "App_1", "_x", "mydb-migrator", "a".repeat(63)])("may be %s", (name) => {
    expect(postgresNameFaults("name", name)).toEqual([]);
  });

  test.each(["", "1st", "pg_app", 'a"b', "a b", "a;b", "a".repeat(64)])("rejects %j", (name) => {
    expect(postgresNameFaults("name", name)).toHaveLength(1);
  });
});

describe("a password for Postgres", () => {
  test("may be any printable text without what a quoted text ends with", () => {
    expect(passwordFaults("password", 'Zufall-42$#"`')).toEqual([]);
  });

  test.each(["short", "with space in it", "it's-quoted", "back\\slash", "ünprintable-1"])("rejects %j", (password) => {
    expect(passwordFaults("password", password).join()).toMatch(/^password: must .*, got a value that is not shown/);
  });
});
