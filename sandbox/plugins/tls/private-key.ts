import { createHash, createPublicKey, generateKeyPair, type KeyObject } from "node:crypto";
import { promisify } from "node:util";
import { textAt, type Draft, type JsonObject } from "../shared/property.ts";
import type { ResourceType } from "../shared/provider.ts";
import { openSshPrivateKey, openSshPublicKey } from "./openssh.ts";

/** `tls:index/privateKey:PrivateKey`: a key made here, kept as a secret of the state. Everything about it is fixed. */
export const privateKey: ResourceType = {
  inputs: {
    algorithm: { type: "string", required: true, replace: true, fault: oneOf(["RSA", "ECDSA", "ED25519"]) },
    ecdsaCurve: { type: "string", default: "P224", replace: true, fault: oneOf(["P224", "P256", "P384", "P521"]) },
    rsaBits: { type: "integer", default: 2_048, replace: true },
  },
  outputs: {
    privateKeyPem: { secret: true },
    privateKeyPemPkcs8: { secret: true },
    privateKeyOpenssh: { secret: true },
    publicKeyPem: {},
    publicKeyOpenssh: {},
    publicKeyFingerprintMd5: {},
    publicKeyFingerprintSha256: {},
  },
  create: async (inputs) => {
    const key = await generated(inputs);
    const outputs = { ...inputs, ...encodings(key) };
    const id = createHash("sha1")
      .update(createPublicKey(key).export({ type: "spki", format: "der" }))
      .digest("hex");
    return { id, outputs };
  },
  read: ({ id, outputs }) => Promise.resolve(Object.keys(outputs).length === 0 ? undefined : { id, outputs }),
  delete: () => Promise.resolve(),
};

const nodeCurve: Readonly<Record<string, string>> = {
  P224: "secp224r1",
  P256: "prime256v1",
  P384: "secp384r1",
  P521: "secp521r1",
};

const pair = promisify(generateKeyPair);

async function generated(inputs: JsonObject): Promise<KeyObject> {
  const algorithm = textAt(inputs, "algorithm");
  if (algorithm === "RSA") return (await pair("rsa", { modulusLength: Number(inputs["rsaBits"]) })).privateKey;
  if (algorithm === "ED25519") return (await pair("ed25519")).privateKey;
  return (await pair("ec", { namedCurve: nodeCurve[textAt(inputs, "ecdsaCurve")] ?? "" })).privateKey;
}

function encodings(key: KeyObject): JsonObject {
  const traditional = { rsa: "pkcs1", ec: "sec1" } as const;
  const kind = key.asymmetricKeyType;
  const type = kind === "rsa" || kind === "ec" ? traditional[kind] : "pkcs8";
  const ssh = openSshPublicKey(key);
  const digest = (algorithm: string): Buffer =>
    createHash(algorithm)
      .update(ssh?.blob ?? "")
      .digest();
  return {
    privateKeyPem: key.export({ type, format: "pem" }).toString(),
    privateKeyPemPkcs8: key.export({ type: "pkcs8", format: "pem" }).toString(),
    privateKeyOpenssh: ssh === undefined ? "" : openSshPrivateKey(key, ssh),
    publicKeyPem: createPublicKey(key).export({ type: "spki", format: "pem" }).toString(),
    publicKeyOpenssh: ssh === undefined ? "" : `${ssh.type} ${ssh.blob.toString("base64")}\n`,
    publicKeyFingerprintMd5: ssh === undefined ? "" : (digest("md5").toString("hex").match(/../g)?.join(":") ?? ""),
    publicKeyFingerprintSha256:
      ssh === undefined ? "" : `SHA256:${digest("sha256").toString("base64").replace(/=+$/, "")}`,
  };
}

function oneOf(words: readonly string[]): (value: Draft) => string | undefined {
  return (value) =>
    typeof value === "string" && words.includes(value)
      ? undefined
      : `must be one of ${words.join(", ")}, got ${JSON.stringify(value)}; choose one of them`;
}
