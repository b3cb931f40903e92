import { randomBytes, type JsonWebKey, type KeyObject } from "node:crypto";

/** A public key in the form of the SSH protocol. */
export interface SshPublicKey {
  readonly type: string;
  readonly blob: Buffer;
}

/** The SSH form of a key's public half, or undefined for curves SSH does not have. */
export function openSshPublicKey(key: KeyObject): SshPublicKey | undefined {
  // Neither SSH nor JWK have this curve.
  if (key.asymmetricKeyDetails?.namedCurve === "secp224r1") return undefined;
  const jwk = key.export({ format: "jwk" });
  switch (jwk.kty) {
    case "RSA":
      return { type: "ssh-rsa", blob: sequence("ssh-rsa", integer(jwk.e), integer(jwk.n)) };
    case "OKP":
      return { type: "ssh-ed25519", blob: sequence("ssh-ed25519", bytes(jwk.x)) };
    case "EC": {
      const curve = sshCurve[jwk.crv ?? ""];
      if (curve === undefined) return undefined;
      const type = `ecdsa-sha2-${curve}`;
      return { type, blob: sequence(type, curve, point(jwk)) };
    }
    case undefined:
    default:
      return undefined;
  }
}

/** The key in OpenSSH's own file format (`PROTOCOL.key` of OpenSSH), without a passphrase. */
export function openSshPrivateKey(key: KeyObject, { type, blob }: SshPublicKey): string {
  const check = randomBytes(4);
  const content = Buffer.concat([
    check,
    check,
    sequence(type),
    privateFields(key.export({ format: "jwk" })),
    sequence(""),
  ]);
  const padding = Buffer.from(Array.from({ length: -content.length & 7 }, (_, index) => index + 1));
  const file = Buffer.concat([
    Buffer.from("openssh-key-v1\0"),
    sequence("none", "none", ""),
    Buffer.from([0, 0, 0, 1]),
    sequence(blob, Buffer.concat([content, padding])),
  ]);
  const lines = file.toString("base64").match(/.{1,64}/g) ?? [];
  return ["-----BEGIN OPENSSH PRIVATE KEY-----", ...lines, "-----END OPENSSH PRIVATE KEY-----", ""].join("\n");
}

const sshCurve: Readonly<Record<string, string>> = { "P-256": "nistp256", "P-384": "nistp384", "P-521": "nistp521" };

function privateFields(jwk: JsonWebKey): Buffer {
  switch (jwk.kty) {
    case "RSA":
      return sequence(...[jwk.n, jwk.e, jwk.d, jwk.qi, jwk.p, jwk.q].map(integer));
    case "EC":
      return sequence(sshCurve[jwk.crv ?? ""] ?? "", point(jwk), integer(jwk.d));
    case undefined:
    default:
      return sequence(bytes(jwk.x), Buffer.concat([bytes(jwk.d), bytes(jwk.x)]));
  }
}

/** Each part with its length before it. */
function sequence(...parts: (string | Buffer)[]): Buffer {
  return Buffer.concat(
    parts.flatMap((part) => {
      const content = Buffer.from(part);
      const length = Buffer.alloc(4);
      length.writeUInt32BE(content.length);
      return [length, content];
    }),
  );
}

/** A number as SSH has it: no zeros before it, but one where the first bit would make it negative. */
function integer(field: string | undefined): Buffer {
  const raw = bytes(field);
  const content = raw.subarray(
    Math.max(
      0,
      raw.findIndex((byte) => byte !== 0),
    ),
  );
  return (content[0] ?? 0) > 127 ? Buffer.concat([Buffer.from([0]), content]) : content;
}

function point(jwk: JsonWebKey): Buffer {
  return Buffer.concat([Buffer.from([4]), bytes(jwk.x), bytes(jwk.y)]);
}

function bytes(field: string | undefined): Buffer {
  return Buffer.from(field ?? "", "base64url");
}
