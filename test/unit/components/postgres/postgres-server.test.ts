import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { describe, expect, test } from "vitest";
import { configFiles, renderPostgresPod } from "../../../../components/postgres/pod-template.ts";
import { passwordFaults, postgresNameFaults } from "../../../../components/postgres/postgres-name.ts";
import { PostgresServer, postgresServerFaults } from "../../../../components/postgres/postgres-server.ts";
import { find, masked, record } from "../../../support/recorder.ts";

// Proves what is asked for. That Postgres starts, and speaks TLS only, is proved in test/live/long.

const args = { namespace: "data", kubeContext: "test", reach: { host: "127.0.0.1", port: 18_300 } };

function server(more: Partial<ConstructorParameters<typeof PostgresServer>[1]> = {}) {
  return record(() => {
    new PostgresServer("db", { ...args, ...more }, { provider: new k8s.Provider("cluster", { context: "test" }) });
  });
}

describe("a Postgres server", () => {
  test("has a certificate for every name it is reached by, this end of the tunnel included", async () => {
    const { inputs } = find(await server(), "tls:index/selfSignedCert:SelfSignedCert", "db-certificate");
    expect(inputs).toMatchObject({
      dnsNames: ["db", "db.data", "db.data.svc", "db.data.svc.cluster.local"],
      ipAddresses: ["127.0.0.1"],
      allowedUses: ["digital_signature", "server_auth"],
    });
  });

  test("is verified by its provider, which takes nothing from the environment", async () => {
    const { inputs } = find(await server(), "pulumi:providers:postgresql", "db");
    expect(inputs).toMatchObject({
      host: "127.0.0.1",
      port: "18300",
      sslmode: "verify-full",
      sslrootcert: ".vault/stack/db.pem",
      username: "postgres",
      password: masked,
    });
  });

  test("draws a password unless it is given one, and shows neither", async () => {
    const random = await server();
    expect(random.resources.map(({ name }) => name)).toContain("db-password");
    const given = await server({ password: pulumi.output("a-given-password") });
    expect(given.resources.map(({ name }) => name)).not.toContain("db-password");
    expect(JSON.stringify([random, given])).not.toMatch(/db-password-hex|a-given-password|db-key-private-key/);
  });

  test("starts anew with a changed password or certificate: their objects have no fixed name", async () => {
    const recording = await server();
    for (const name of ["db-superuser", "db-tls"]) {
      const { inputs } = find(recording, "kubernetes:core/v1:Secret", name);
      expect(inputs["immutable"]).toBe(true);
      expect(inputs["metadata"]).not.toHaveProperty("name");
    }
  });

  test("rejects a size and a password that cannot be, without showing the password", async () => {
    expect(postgresServerFaults({ storageSize: "1G" as "1Gi" })).toHaveLength(1);
    await expect(server({ password: pulumi.output("it's short") })).rejects.toThrow("password: must be 8 to 200");
    await expect(server({ password: pulumi.output("it's short") })).rejects.not.toThrow("it's");
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
    expect(rules.every((rule) => /^(local|hostssl) .* scram-sha-256$/.test(rule))).toBe(true);
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
