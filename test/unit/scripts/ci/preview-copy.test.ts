import { describe, expect, test } from "vitest";
import { previewCopy, type SecretSetting } from "../../../../scripts/ci/preview-copy.ts";

/**
 * What becomes of each secret in the copy of a state for previews. That a preview with such a copy shows no difference,
 * and that a whole stack has no secret beside these, is for the live test.
 */

const secret = (value: unknown) => ({
  "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
  plaintext: JSON.stringify(value),
});
const urn = (type: string, name: string): string => `urn:pulumi:dev::vaultstack::${type}::${name}`;
const resource = (type: string, name: string, inputs: object, outputs: object) => ({
  urn: urn(type, name),
  type,
  inputs,
  outputs,
});
const base64 = (text: string): string => Buffer.from(text).toString("base64");

const login = {
  roleId: secret("role-of-pulumi-itself"),
  secretId: secret("secret-of-pulumi-itself"),
  previewRoleId: secret("role-of-previews"),
  previewSecretId: secret("secret-of-previews"),
};
const admin = resource(
  "pulumi-nodejs:dynamic/vault:AdminAccess",
  "admin",
  {},
  { ...login, authPath: "approle-pulumi" },
);
const seed: SecretSetting = { place: ["vaultstack:kvSeeds", "app", "password"], value: "a seeded password" };
const escrow: SecretSetting = {
  place: ["vaultstack:escrowPrivateKey"],
  value: "-----BEGIN PGP PRIVATE KEY BLOCK-----\nreal\n-----END",
};

function copyOf(resources: readonly object[], secrets: readonly SecretSetting[] = [seed, escrow]) {
  return previewCopy(
    { version: 3, deployment: { resources: [admin, ...resources] } },
    secrets,
    "a key that opens nothing",
  );
}

function outputsIn(state: unknown, index = 1): unknown {
  return (state as { deployment: { resources: { outputs: unknown }[] } }).deployment.resources[index]?.outputs;
}

describe("in the copy", () => {
  test("Pulumi's own login is the one for previews, wherever it stands", () => {
    const parameters = secret({ role_id: "role-of-pulumi-itself", secret_id: "secret-of-pulumi-itself" });
    const provider = resource("pulumi:providers:vault", "vault", {}, { authLogin: parameters });
    const { state } = copyOf([provider]);
    expect(outputsIn(state)).toEqual({
      authLogin: secret({ role_id: "role-of-previews", secret_id: "secret-of-previews" }),
    });
    expect(outputsIn(state, 0)).toMatchObject({ roleId: login.previewRoleId, secretId: login.previewSecretId });
  });

  test("a secret setting is a placeholder, alone, among the parts of JSON, and in base64", () => {
    const inputs = {
      dataJson: secret(JSON.stringify({ password: seed.value })),
      data: secret({ password: base64(seed.value) }),
    };
    const { state, settings } = copyOf([resource("vault:kv/secretV2:SecretV2", "seed", inputs, inputs)]);
    const [placeholder] = settings;
    expect(placeholder?.value).toMatch(/^not-the-secret-\d+$/);
    expect(outputsIn(state)).toEqual({
      dataJson: secret(JSON.stringify({ password: placeholder?.value })),
      data: secret({ password: base64(placeholder?.value ?? "") }),
    });
    expect(JSON.stringify(state)).not.toContain(seed.value);
  });

  test("the escrow key is one that opens nothing, since a key is read before anything else", () => {
    const { state, settings } = copyOf([
      resource("pulumi-nodejs:dynamic/vault:Unseal", "unseal", {}, { escrowPrivateKey: secret(escrow.value) }),
    ]);
    expect(outputsIn(state)).toEqual({ escrowPrivateKey: secret("a key that opens nothing") });
    expect(settings[1]).toEqual({ ...escrow, value: "a key that opens nothing" });
  });

  test("what a resource made is a placeholder there and wherever it went, also inside other texts", () => {
    const password = resource(
      "random:index/randomPassword:RandomPassword",
      "password",
      { length: 24 },
      { result: secret("0123456789abcdef") },
    );
    const user = resource("x:index:User", "user", { url: secret("postgres://me:0123456789abcdef@db") }, {});
    const { state } = copyOf([password, user]);
    const { result } = outputsIn(state) as { result: { plaintext: string } };
    const placeholder = JSON.parse(result.plaintext) as string;
    expect(placeholder).toMatch(/^not-the-secret-\d+$/);
    expect(JSON.stringify(state)).toContain(`postgres://me:${placeholder}@db`);
  });

  test("what stands elsewhere for all to read stays as it is, so that it shows no difference", () => {
    const inputs = { kind: secret("app-role"), file: secret({ "tls.crt": base64("a certificate") }) };
    const outputs = {
      kind: "app-role",
      certificate: "a certificate",
      data: secret({ "tls.crt": base64("a certificate") }),
    };
    const { state, kept } = copyOf([resource("x:index:Y", "y", inputs, outputs)]);
    expect(outputsIn(state)).toEqual(outputs);
    expect(kept).toEqual([]);
  });

  test("a secret that nobody knows the origin of is named, not hidden", () => {
    const { kept } = copyOf([resource("x:index:Y", "y", { token: secret("given in the program") }, {})]);
    expect(kept).toEqual(["y (x:index:Y): inputs.token"]);
  });
});

test("rejects a stack without a login for previews", () => {
  const without = resource("pulumi-nodejs:dynamic/vault:AdminAccess", "admin", {}, { roleId: login.roleId });
  expect(() => previewCopy({ deployment: { resources: [without] } }, [], "key")).toThrow(
    "the stack: must have a login for previews, got nothing; run `up` first",
  );
});
