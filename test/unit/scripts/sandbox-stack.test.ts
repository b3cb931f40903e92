/**
 * What the sandbox is told of this project. That the sandbox does what it is told, and the engine takes it, is not
 * shown here.
 */
import { describe, expect, test } from "vitest";
import { project } from "../../../scripts/sandbox-stack.ts";

const names = async (stack: string, config: Readonly<Record<string, unknown>> = {}): Promise<string[]> =>
  (await project.firstSettings(stack, config)).map(({ words }) => words.join(" "));

const keyPair = ["--secret escrowPrivateKey", "escrowPublicKey"];

describe("the first settings of a stack", () => {
  test("are the demonstration seed and the key pair, the public half last", async () => {
    expect(await names("dev")).toEqual([
      '--secret --path kvSeeds["webapp/config"].username',
      '--secret --path kvSeeds["webapp/config"].password',
      ...keyPair,
    ]);
    const values = (await project.firstSettings("ha", {})).map(({ value }) => value);
    expect(values[0]).toBe("static-user");
    expect(values[2]).toContain("BEGIN PGP PRIVATE KEY BLOCK");
  }, 20_000);

  test("of a stack of somebody else's are the key pair alone", async () => {
    expect(await names("team")).toEqual(keyPair);
  }, 20_000);

  test("are none once there is an escrow key: a seed that was taken out does not come back", async () => {
    expect(await names("dev", { "vaultstack:escrowPublicKey": "xsDN" })).toEqual([]);
  });

  test("go on where a run ended before the public half: missing seeds, then a new key pair", async () => {
    const seeds = { "webapp/config": { username: { secure: "a" } } };
    const config = { "vaultstack:escrowPrivateKey": { secure: "b" }, "vaultstack:kvSeeds": seeds };
    expect(await names("dev", config)).toEqual(['--secret --path kvSeeds["webapp/config"].password', ...keyPair]);
  }, 20_000);
});

test("a stack on the sandbox has its node's address, one machine for all servers, and the chart at hand", () => {
  expect(project.settings({ nodeAddress: "10.200.0.1", operatorChart: "/charts/operator" })).toEqual({
    "vaultstack:nodeAddress": "10.200.0.1",
    "vaultstack:raftSpread": "preferred",
    "vaultstack:secretsOperatorChart": { kind: "path", path: "/charts/operator" },
  });
});

describe("a stack needs the gateway", () => {
  test("when its settings pass TLS through one", () => {
    const passthrough = { kind: "gateway", host: "vault.example.com", className: "eg" };
    expect(project.extras({ "vaultstack:passthrough": passthrough })).toEqual(["gateway"]);
  });

  test.each([{}, { "vaultstack:passthrough": { kind: "none" } }, { "vaultstack:passthrough": "gateway" }])(
    "but not with %j",
    (config) => {
      expect(project.extras(config)).toEqual([]);
    },
  );
});

describe("a stack's Vault", () => {
  const outputs = { vaultAddress: "http://10.200.0.1:30004", vaultInternalAddress: "http://vault.vault.svc:8200" };

  test("is where its outputs say, without authorities when it speaks plain HTTP", () => {
    expect(project.vault(outputs)).toEqual({
      address: "http://10.200.0.1:30004",
      internalAddress: "http://vault.vault.svc:8200",
      caCertificate: "",
    });
  });

  test.each([undefined, {}, { ...outputs, vaultAddress: "" }])("is not there by the outputs %j", (found) => {
    expect(project.vault(found)).toBeUndefined();
  });
});
