import { z } from "zod";
import { kvSecretNameFaults } from "../components/engines/kv.ts";
import { isSize, type Size } from "../components/shared/units.ts";
import { ldapSetting } from "./ldap-settings.ts";
import { previousSealSetting, sealCredentialsSetting, sealSetting } from "./seal-settings.ts";

/**
 * The settings of a stack, one schema per key of `vaultstack:`; Pulumi.yaml holds their defaults and descriptions.
 *
 * Each message reads `<what must hold>; <what to do>`, so that the value can be put between the two.
 */
export const settings = {
  profile: oneOf(["dev"], "name the stack function to run"),
  kubeContext: text(
    /^\S*$/,
    "must be a context of the kubeconfig or empty",
    "list them with `kubectl config get-contexts`",
  ),
  namespace: namespace(),
  server: oneOf(["standalone", "dev"], "use dev for a throw-away server"),
  vaultImage: image(),
  storageSize: size(),
  auditStorageSize: size(),
  storageClass: text(
    /^[a-z0-9.-]*$/,
    "must be the name of a storage class or empty",
    "list them with `kubectl get sc`",
  ),
  nodePort: nodePort("use 0 for none"),
  nodeAddress: text(
    /^[A-Za-z0-9]([A-Za-z0-9.:-]*[A-Za-z0-9])?$/,
    "must be a host name or address of a node",
    "leave out scheme and port",
  ),
  access: json(
    z.discriminatedUnion(
      "kind",
      [
        z.strictObject({ kind: z.literal("tunnel"), port: tunnelPortNumber().optional() }),
        z.strictObject({ kind: z.literal("address"), url: baseUrl() }),
      ],
      { error: 'must be {kind: "tunnel"} or {kind: "address"}; set vaultstack:access.kind' },
    ),
  ),
  secretShares: wholeNumber(1, 255, "Vault splits its key into that many shares"),
  secretThreshold: wholeNumber(1, 255, "it is the number of shares that unseal"),
  escrowPublicKey: publicKey(/^(|[A-Za-z0-9+/]+={0,2})$/, "make a pair with `npm run escrow -- <stack>`"),
  escrowPrivateKey: armoredPrivateKey(),
  escrowPreviousPrivateKey: armoredPrivateKey(),
  custody: json(
    z.discriminatedUnion(
      "kind",
      [z.strictObject({ kind: z.literal("pulumi") }), z.strictObject({ kind: z.literal("pgp"), holders: holders() })],
      { error: 'must be {kind: "pulumi"} or {kind: "pgp", holders: [...]}; set vaultstack:custody.kind' },
    ),
  ),
  keysGeneration: wholeNumber(1, 1_000_000, "raise it by one to replace all shares"),
  encodedRootToken: text(
    /^(|[A-Za-z0-9+/]+={0,2})$/,
    "must be base64, without line breaks",
    "copy the encoded token that `vault operator generate-root` shows",
  ),
  kvSeeds: json(
    z.record(
      z.string().refine((name) => kvSecretNameFaults("", name).length === 0, {
        error: "must be keyed by names of secrets below the mount; use letters, digits, dots, dashes and inner slashes",
      }),
      z.record(z.string(), z.string({ error: "must be text; quote the value" }), {
        error: "must be keys with their values; set it with `pulumi config set --secret --path`",
      }),
      { error: "must be secrets by name; set it with `pulumi config set --secret --path`" },
    ),
  ),
  seal: json(sealSetting),
  previousSeal: json(previousSealSetting),
  sealCredentials: json(sealCredentialsSetting),
  ldap: json(ldapSetting),
  ldapBindPassword: text(/^[^\r\n]*$/, "must be one line", "set it with `pulumi config set --secret`"),
  webAppImage: image(),
  webAppNodePort: nodePort("use 0 for none"),
  webAppNamespace: namespace(),
  demoAppNamespace: namespace(),
  postgres: json(
    z.discriminatedUnion(
      "kind",
      [
        z.strictObject({
          kind: z.literal("server"),
          storageSize: size().optional(),
          access: z.discriminatedUnion(
            "kind",
            [
              z.strictObject({ kind: z.literal("tunnel"), port: tunnelPortNumber().optional() }),
              z.strictObject({ kind: z.literal("address"), host: hostName(), port: serverPort() }),
            ],
            { error: 'must be {kind: "tunnel"} or {kind: "address"}; set vaultstack:postgres.access.kind' },
          ),
        }),
        z.strictObject({
          kind: z.literal("address"),
          host: hostName(),
          port: serverPort().optional(),
          username: text(/^[^\s'"\\]{1,63}$/, "must be the name of a login", "leave out quotes"),
          caCertificate: text(
            /^-----BEGIN CERTIFICATE-----[^]*-----END CERTIFICATE-----\s*$/,
            "must be certificates in PEM",
            "leave it out for a server without TLS",
          ).optional(),
        }),
      ],
      { error: 'must be {kind: "server"} or {kind: "address"}; set vaultstack:postgres.kind' },
    ),
  ),
  postgresImage: image(),
  postgresNamespace: namespace(),
  postgresPassword: z.string({ error: "must be set; see its description in Pulumi.yaml" }),
  allowReinitialize: consent(),
  adoptExisting: consent(),
} as const;

/** Name of a setting, without `vaultstack:`. */
export type SettingName = keyof typeof settings;

/** All settings, parsed. */
export type Settings = { readonly [Name in SettingName]: z.infer<(typeof settings)[Name]> };

/** Settings whose values are never shown and must be stored encrypted when they are not empty. */
export const secretSettings: readonly SettingName[] = [
  "escrowPrivateKey",
  "escrowPreviousPrivateKey",
  "encodedRootToken",
  "kvSeeds",
  "ldapBindPassword",
  "postgresPassword",
  "sealCredentials",
];

function message(must: string, remedy: string): { error: string } {
  return { error: `${must}; ${remedy}` };
}

function text(pattern: RegExp, must: string, remedy: string): z.ZodString {
  return z.string(message(must, remedy)).regex(pattern, message(must, remedy));
}

function namespace(): z.ZodString {
  return text(
    /^(?!default$|kube-)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/,
    "must be a namespace of its own: at most 63 lower-case letters, digits and inner dashes",
    "choose another name",
  );
}

function oneOf<const Words extends readonly [string, ...string[]]>(words: Words, remedy: string) {
  return z.enum(words, message(`must be ${words.join(" or ")}`, remedy));
}

function consent() {
  return oneOf(["true", "false"], "use true for one run only").transform((flag) => flag === "true");
}

// Settings arrive as text, so "3" and 3 are the same here.
function wholeNumber(minimum: number, maximum: number, remedy: string) {
  const rule = message(`must be a whole number from ${minimum} to ${maximum}`, remedy);
  return z
    .string(rule)
    .regex(/^-?\d{1,9}$/, rule)
    .transform(Number)
    .refine((number) => number >= minimum && number <= maximum, rule);
}

function nodePort(remedy: string) {
  const rule = message("must be 0 or a node port from 30000 to 32767", remedy);
  return z
    .string(rule)
    .regex(/^\d{1,5}$/, rule)
    .transform(Number)
    .refine((port) => port === 0 || (port >= 30_000 && port <= 32_767), rule);
}

function tunnelPortNumber() {
  const rule = message("must be a port from 1024 to 65535", "leave it out to derive it from the stack's name");
  return z.int(rule).min(1024, rule).max(65_535, rule);
}

function serverPort() {
  const rule = message("must be a port from 1 to 65535", "Postgres' own is 5432");
  return z.int(rule).min(1, rule).max(65_535, rule);
}

function hostName() {
  const rule = message("must be a host name or address", "leave out scheme and port");
  return z.string(rule).regex(/^[A-Za-z0-9]([A-Za-z0-9.:-]*[A-Za-z0-9])?$/, rule);
}

function size() {
  const rule = message("must be a positive whole number and a binary unit", "write it as 10Gi");
  return z.string(rule).refine((value): value is Size => isSize(value), rule);
}

// A moving tag would change Vault's version at the next restart of a pod, unseen by any preview.
function image() {
  return text(
    /^(?!.*:latest$)[a-z0-9]([a-z0-9._/:-]*[a-z0-9])?(:[\w][\w.-]{0,127}|@sha256:[0-9a-f]{64})$/,
    "must be an image with a tag other than latest, or a digest",
    "write it as hashicorp/vault:1.21.0",
  );
}

function baseUrl() {
  const rule = message("must be http:// or https:// with a host and at most a port", "leave out path, user and query");
  return z.string(rule).refine((url) => /^https?:\/\/[^/?#@\s]+$/.test(url) && URL.canParse(url), rule);
}

function json<Schema extends z.ZodType>(schema: Schema) {
  return z
    .string({ error: "must be set; see its description in Pulumi.yaml" })
    .transform((value, context): unknown => {
      try {
        return JSON.parse(value);
      } catch {
        const error = "must be an object; set its parts with `pulumi config set --path`";
        context.addIssue({ code: "custom", message: error });
        return z.NEVER;
      }
    })
    .pipe(schema);
}

function armoredPrivateKey() {
  return text(
    /^(|-----BEGIN PGP PRIVATE KEY BLOCK-----[^]*-----END PGP PRIVATE KEY BLOCK-----\s*)$/,
    "must be an armored OpenPGP private key",
    "make a pair with `npm run escrow -- <stack>`",
  );
}

function publicKey(pattern: RegExp, remedy: string) {
  const packet = message("must begin with an OpenPGP public key packet", remedy);
  return text(pattern, "must be an OpenPGP public key in base64, without line breaks", remedy).pipe(
    z.string().refine((key) => key === "" || isPublicKeyPacket(key), packet),
  );
}

function holders() {
  const remedy = "export each with `gpg --export <id> | base64 -w0`";
  const rule = message("must list the PGP public keys of people", remedy);
  return z.array(publicKey(/^[A-Za-z0-9+/]+={0,2}$/, remedy), rule).min(1, rule);
}

function isPublicKeyPacket(base64: string): boolean {
  // RFC 9580, 4.2: tag 6, in the new form or in the old one with a length of one, two or four octets.
  return [0xc6, 0x98, 0x99, 0x9a].includes(Buffer.from(base64, "base64")[0] ?? 0);
}
