import { beforeAll, describe, expect, test, vi } from "vitest";
import {
  clientVariables,
  databaseLoginPath,
  operatorLogin,
  outputsV2,
  parseOutputs,
  secretPath,
  staticSecret,
  workloadLogin,
} from "../../../consumer/index.ts";
import { graphOfDev } from "../../support/graph-of-dev.ts";

// The recording is a process; on a busy machine it takes seconds to start.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const consumers = JSON.stringify({
  team: { namespace: "team", serviceAccount: "app", secrets: ["webapp/config"], database: "myapp-db-role" },
});
let values: Readonly<Record<string, unknown>>;

beforeAll(async () => {
  values = (await graphOfDev({ settings: { consumers } })).outputs;
});

describe("the outputs of a Vault stack", () => {
  test("are read whole, and what a later stack adds is left out", () => {
    const outputs = parseOutputs({ ...values, addedLater: "x" }, "org/vaultstack/dev");
    expect(Object.keys(outputs).sort()).toEqual(Object.keys(outputsV2).sort());
    expect(outputs.consumerRoles).toEqual(["consumer-team"]);
  });

  test("that lack some, or have another kind, are refused with all their names", () => {
    const { kvMount, vaultNamespace, ...rest } = values;
    expect([kvMount, vaultNamespace]).not.toContain(undefined);
    expect(() => parseOutputs({ ...rest, databasePort: "5432" }, "org/vaultstack/dev")).toThrow(
      [
        "the output databasePort of org/vaultstack/dev: must be a number, got a value of another kind; the stack breaks outputs v2",
        "the output kvMount of org/vaultstack/dev: must be a text, got nothing; the stack breaks outputs v2",
        "the output vaultNamespace of org/vaultstack/dev: must be a text, got nothing; the stack breaks outputs v2",
      ].join("\n"),
    );
  });

  test("of another version are refused as such", () => {
    expect(() => parseOutputs({ ...values, outputsVersion: 1 }, "s")).toThrow("must be of version 2, got 1");
  });
});

describe("a workload of another team", () => {
  test("gets its login, its paths and the variables of its client", () => {
    const outputs = parseOutputs(values, "s");
    const login = workloadLogin(outputs, "team");
    expect(login).toMatchObject({ authPath: "workloads", role: "consumer-team", audience: "vault" });
    expect(secretPath(outputs, "webapp/config")).toBe("secret/data/webapp/config");
    expect(databaseLoginPath(outputs, "app")).toBe("demo-db/creds/myapp-db-role");
    expect(clientVariables({ ...login, caCertificate: "" }, "/ca")).toEqual({ VAULT_ADDR: login.address });
    expect(clientVariables({ ...login, caCertificate: "PEM" }, "/ca")).toMatchObject({ VAULT_CACERT: "/ca" });
  });

  test("that the Vault stack does not know is refused with the ones it knows", () => {
    expect(() => workloadLogin(parseOutputs(values, "s"), "other")).toThrow(
      'the consumer: must be among those of the Vault stack (consumer-team), got "other"',
    );
  });

  test("cannot ask a Vault stack for a database that it has not", () => {
    expect(() => databaseLoginPath(parseOutputs({ ...values, databaseMount: "" }, "s"), "app")).toThrow(
      "the database: must be there",
    );
  });

  test("gets objects for the operator that log in under its role", () => {
    const outputs = parseOutputs(values, "s");
    const place = { namespace: "team", serviceAccount: "app" };
    const [connection, auth] = operatorLogin(
      { ...workloadLogin(outputs, "team"), caCertificate: "PEM" },
      place,
      "vault",
    );
    expect(connection.spec).toMatchObject({ caCertSecretRef: "vault-ca" });
    expect(auth.spec).toEqual({
      ...{ vaultConnectionRef: "vault", method: "kubernetes", mount: "workloads" },
      kubernetes: { role: "consumer-team", serviceAccount: "app", audiences: ["vault"] },
    });
    const secret = staticSecret(outputs, place, { auth: "vault", path: "webapp/config", destination: "config" });
    expect(secret).toMatchObject({ kind: "VaultStaticSecret", spec: { mount: "secret", path: "webapp/config" } });
  });
});

describe("the Vault stack", () => {
  test("lets it read what its setting names and nothing else", async () => {
    const { resources } = await graphOfDev({ settings: { consumers } });
    const policy = resources.find(({ type, name }) => type === "vault:index/policy:Policy" && name === "consumer-team");
    expect(policy?.inputs["policy"]).toBe(
      'path "demo-db/creds/myapp-db-role" {\n  capabilities = ["read"]\n}\n\npath "secret/data/webapp/config" {\n  capabilities = ["read"]\n}\n',
    );
  });

  test("refuses one that wants a database where there is none, and faults of the setting all at once", async () => {
    const nothing = JSON.stringify({
      team: { namespace: "team", serviceAccount: "*" },
      idle: { namespace: "n", serviceAccount: "s" },
    });
    await expect(graphOfDev({ settings: { consumers: nothing } })).rejects.toThrow(
      /vaultstack:consumers\.team\.serviceAccount: must be the name of a service account/,
    );
    const idle = JSON.stringify({ idle: { namespace: "n", serviceAccount: "s" } });
    await expect(graphOfDev({ settings: { consumers: idle } })).rejects.toThrow(
      /consumers\.idle: must have secrets or a database/,
    );
  });
});
