import * as pulumi from "@pulumi/pulumi";
import { describe, expect, test, vi } from "vitest";
import { stackConfig } from "../../../../stacks/config.ts";
import { parseSettings } from "../../../../stacks/settings/parse-settings.ts";
import { exampleSettings } from "../../../support/example-settings.ts";
import { graphOfDev } from "../../../support/graph-of-dev.ts";

// The graph is recorded in a process; on a busy machine it takes seconds to start.
vi.setConfig({ testTimeout: 60_000 });

const transit = { kind: "transit", address: "https://other.example.com:8200", key: "autounseal" };
const aws = { kind: "awskms", region: "eu-central-1", keyId: "alias/vault", credentials: { kind: "secret" } };

function parse(seal: unknown, credentials: Record<string, string> = {}, server = "standalone") {
  const raw = exampleSettings({
    seal: JSON.stringify(seal),
    sealCredentials: JSON.stringify(credentials),
    server,
  });
  return parseSettings({ ...raw, secretNames: new Set([...raw.secretNames, "vaultstack:sealCredentials"]) });
}

const rulesOf = (...args: Parameters<typeof parse>) => parse(...args).faults.map((text) => text.split(", got")[0]);

describe("the settings of a seal", () => {
  test("parse, with the credentials as a secret", async () => {
    const { settings, faults } = parse(transit, { VAULT_TOKEN: "hunter2" });
    expect(faults).toEqual([]);
    if (settings === null) throw new Error("unreachable");
    const { sealing, credentials } = stackConfig(settings, "a-context", "vaultstack/dev").seal;
    const seal = { ...transit, credentials: { kind: "secret", secretName: "vault-seal" } };
    expect(sealing).toEqual({ seal, previousSeal: null });
    expect(await pulumi.isSecret(credentials as pulumi.Output<unknown>)).toBe(true);
  });

  test.each<[string, Parameters<typeof parse>, string[]]>([
    [
      "another kind",
      [{ kind: "pkcs11" }],
      ["vaultstack:seal.kind: must have a kind of shamir, transit, awskms, gcpckms or azurekeyvault"],
    ],
    [
      "a transit seal without its token, and with what it does not read",
      [transit, { TOKEN: "hunter2" }],
      [
        "vaultstack:sealCredentials.VAULT_TOKEN: must be given, because the seal reads it",
        "vaultstack:sealCredentials.TOKEN: must be something the seal reads",
      ],
    ],
    [
      "half the credentials of a cloud and a region that is none",
      [{ ...aws, region: "Frankfurt" }, { AWS_ACCESS_KEY_ID: "id" }],
      [
        "vaultstack:seal.region: must be a region",
        "vaultstack:sealCredentials.AWS_SECRET_ACCESS_KEY: must be given, because the seal reads it",
      ],
    ],
    [
      "credentials beside an identity of the cloud",
      [
        { ...aws, credentials: { kind: "workloadIdentity", roleArn: "arn:aws:iam::123456789012:role/vault" } },
        { AWS_ACCESS_KEY_ID: "id" },
      ],
      ["vaultstack:sealCredentials.AWS_ACCESS_KEY_ID: must be something the seal reads"],
    ],
    [
      "a token in plain view",
      [{ ...transit, token: "hunter2" }, { VAULT_TOKEN: "hunter2" }],
      ["vaultstack:seal: must hold no other parts"],
    ],
    [
      "a seal for the development server",
      [transit, { VAULT_TOKEN: "hunter2" }, "in-memory"],
      ["vaultstack:seal.kind: must be shamir with the server in-memory"],
    ],
  ])("reject %s", (_what, args, rules) => {
    expect(rulesOf(...args)).toEqual(rules);
    expect(parse(...args).faults.join()).not.toContain("hunter2");
  });
});

test("a stack with a seal hands it to the pods by reference, and asks for recovery shares", async () => {
  const settings = { seal: JSON.stringify(transit), sealCredentials: '{"VAULT_TOKEN":"hunter2"}' };
  const { resources } = await graphOfDev({ settings });
  const found = (type: string, name: string) =>
    resources.find((resource) => resource.type === type && resource.name === name);
  expect(found("kubernetes:core/v1:Secret", "vault-seal")?.inputs["stringData"]).toBe("[secret]");
  expect(found("kubernetes:apps/v1:StatefulSet", "vault")?.dependencies).toContain("vault-seal");
  expect(found("pulumi-nodejs:dynamic/vault:Init", "vault-bootstrap-init")?.inputs["seal"]).toBe("transit");
  expect(JSON.stringify(resources)).not.toContain("hunter2");
});
