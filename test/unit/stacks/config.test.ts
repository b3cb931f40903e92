import * as pulumi from "@pulumi/pulumi";
import { afterEach, describe, expect, test, vi } from "vitest";
import { loadConfig, stackConfig, type StackConfig } from "../../../stacks/config.ts";
import { parseSettings } from "../../../stacks/settings/parse-settings.ts";
import { exampleSettings } from "../../support/example-settings.ts";

function configOf(changes: Record<string, string> = {}): StackConfig {
  const { settings, faults } = parseSettings(exampleSettings(changes));
  if (settings === null) throw new Error(faults.join("\n"));
  return stackConfig(settings, "a-context", "vaultstack/dev");
}

describe("the configuration of a stack", () => {
  test("has the tunnel's port from the stack's name, so that it is the same everywhere", () => {
    const { access } = configOf();
    expect(access).toEqual({ kind: "tunnel", port: expect.any(Number) as number });
    expect(configOf().access).toEqual(access);
  });

  test("has the port that was asked for", () => {
    expect(configOf({ access: '{"kind":"tunnel","port":20000}' }).access).toEqual({ kind: "tunnel", port: 20_000 });
  });

  test("has another port for the way to Postgres, from the stack's name as well", () => {
    const { access, postgres } = configOf();
    if (postgres.kind !== "server" || postgres.access.kind !== "tunnel") throw new Error("there is no tunnel");
    expect(postgres.access.port).not.toBe(access.kind === "tunnel" ? access.port : 0);
    expect(configOf().postgres).toMatchObject({ access: postgres.access, password: undefined });
  });

  test("has a Postgres that runs already, with a secret password", async () => {
    const chosen = JSON.stringify({ kind: "address", host: "db.test", username: "admin" });
    const { postgres } = configOf({ postgres: chosen, postgresPassword: "an-admin-password" });
    expect(postgres).toMatchObject({ kind: "address", host: "db.test", port: 5432, caCertificate: null });
    if (postgres.password === undefined) throw new Error("there is no password");
    expect(await pulumi.isSecret(postgres.password)).toBe(true);
  });

  test("keeps the escrow key and the seeds secret", async () => {
    const { custody, seeds } = configOf();
    const secrets = [custody?.escrowPrivateKey, seeds["webapp/config"]];
    expect(await Promise.all(secrets.map((secret) => pulumi.isSecret(secret as pulumi.Output<unknown>)))).toEqual([
      true,
      true,
    ]);
  });

  test("has neither volumes nor keys for the server in memory", () => {
    const { server, custody } = configOf({ server: "in-memory" });
    expect({ topology: server.topology, custody }).toEqual({ topology: { kind: "in-memory" }, custody: null });
  });

  test("takes 0 and empty for what is not wanted", () => {
    const { nodePort, storageClass } = configOf({ nodePort: "0", storageClass: "" }).server;
    expect([nodePort, storageClass]).toEqual([undefined, undefined]);
  });
});

describe("loading it", () => {
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  function given(changes: Record<string, string | undefined>): void {
    const { values, secretNames } = exampleSettings(changes);
    pulumi.runtime.setAllConfig(values);
    vi.stubEnv("PULUMI_CONFIG_SECRET_KEYS", JSON.stringify([...secretNames]));
  }

  test("uses the context that is set, without looking at a kubeconfig", () => {
    given({ kubeContext: "mine" });
    vi.stubEnv("KUBECONFIG", "/nowhere");
    expect(loadConfig().kubeContext).toBe("mine");
  });

  test("fails without a context, naming the setting and the variable", () => {
    given({});
    vi.stubEnv("KUBECONFIG", "/nowhere");
    expect(() => loadConfig()).toThrow(
      "vaultstack:kubeContext: must name a context, got nothing; point KUBECONFIG to a kubeconfig or set the context",
    );
  });

  test("fails with all faults in one error that prints without a stack trace", () => {
    given({ namespace: "A", storageSize: "1" });
    let failure: unknown;
    try {
      loadConfig();
    } catch (error) {
      failure = error;
    }
    expect(pulumi.RunError.isInstance(failure)).toBe(true);
    expect((failure as Error).message.split("\n")).toHaveLength(3);
  });
});
