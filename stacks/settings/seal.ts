import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { fault, hidden } from "../../shared/errors.ts";
import { sealingFaults, type Sealing } from "../../components/vault/seal/seal-config.ts";
import type { serverSettings } from "./server.ts";
import { type Parsed, project, setting } from "./setting.ts";
import { sealSecretKeys, type Seal, type SealSecret } from "../../components/vault/seal/seal.ts";

const text = z.string({ error: "must be a text; see docs/settings.md" });

function union<Options extends readonly [z.ZodObject, ...z.ZodObject[]]>(kinds: string, options: Options) {
  return z.discriminatedUnion("kind", options, {
    error: `must have a kind of ${kinds}; set kind below vaultstack:seal`,
  });
}

const asSecret = z.strictObject({ kind: z.literal("secret") });

function credentials(identity: string) {
  return z.discriminatedUnion(
    "kind",
    [asSecret, z.strictObject({ kind: z.literal("workloadIdentity"), [identity]: text })],
    { error: `must be {kind: "secret"} or {kind: "workloadIdentity", ${identity}}; set its kind` },
  );
}

const sealSetting = union("shamir, transit, awskms, gcpckms or azurekeyvault", [
  z.strictObject({ kind: z.literal("shamir") }),
  z.strictObject({
    kind: z.literal("transit"),
    address: text,
    transport: z
      .discriminatedUnion(
        "kind",
        [z.strictObject({ kind: z.literal("tls") }), z.strictObject({ kind: z.literal("plaintext") })],
        {
          error: 'must be {kind: "tls"} or {kind: "plaintext"}; set vaultstack:seal.transport.kind',
        },
      )
      .optional(),
    mount: text.optional(),
    key: text,
    caCertificate: text.optional(),
    serverName: text.optional(),
  }),
  z.strictObject({
    kind: z.literal("awskms"),
    region: text,
    keyId: text,
    endpoint: text.optional(),
    credentials: credentials("roleArn"),
  }),
  z.strictObject({
    kind: z.literal("gcpckms"),
    project: text,
    region: text,
    keyRing: text,
    cryptoKey: text,
    credentials: credentials("serviceAccount"),
  }),
  z.strictObject({
    kind: z.literal("azurekeyvault"),
    tenantId: text,
    vaultName: text,
    keyName: text,
    credentials: credentials("clientId"),
  }),
]);

const previousSealSetting = z.discriminatedUnion(
  "kind",
  [z.strictObject({ kind: z.literal("none") }), ...sealSetting.options],
  { error: "must have a kind of none or of a seal; set vaultstack:previousSeal.kind" },
);

const sealCredentialsSetting = z.record(z.string(), z.string({ error: "must be text; quote the value" }), {
  error: "must be values by name; set it with `pulumi config set --secret --path`",
});

/** Name of the Secret with a seal's credentials, in Vault's namespace. */
export const sealSecretName = "vault-seal";

/** What keeps the root key of Vault. */
export const sealSettings = {
  seal: setting(sealSetting, {
    default: { kind: "shamir" },
    description:
      "What keeps Vault's root key; fixed when Vault is initialised. {kind: shamir} splits it into shares, and `up` unseals. With the others nodes unseal themselves, and the shares are recovery shares. {kind: transit} is another Vault, spoken to with TLS unless transport is {kind: plaintext}, with which the token can be read on the network; {kind: awskms}, {kind: gcpckms} and {kind: azurekeyvault} are keys of clouds. credentials is {kind: secret}, or {kind: workloadIdentity} with roleArn, serviceAccount or clientId.",
    examples: [
      { kind: "shamir" },
      { kind: "transit", address: "https://vault.example.com:8200", key: "autounseal" },
      { kind: "awskms", region: "eu-central-1", keyId: "alias/vault", credentials: { kind: "secret" } },
      {
        kind: "gcpckms",
        project: "platform",
        region: "europe-west3",
        keyRing: "vault",
        cryptoKey: "unseal",
        credentials: {
          kind: "workloadIdentity",
          serviceAccount: "vault@platform.iam.gserviceaccount.com",
        },
      },
      {
        kind: "azurekeyvault",
        tenantId: "11111111-2222-3333-4444-555555555555",
        vaultName: "platform",
        keyName: "unseal",
        credentials: { kind: "secret" },
      },
    ],
  }),
  previousSeal: setting(previousSealSetting, {
    default: { kind: "none" },
    description:
      "What seal was, with all its parts, while Vault's root key is moved from there to seal. {kind: none} otherwise. One of the two must be shamir. Remove it after the run that moves the key.",
    examples: [{ kind: "none" }, { kind: "shamir" }],
  }),
  sealCredentials: setting(sealCredentialsSetting, {
    secret: true,
    default: {},
    description:
      "What the seal logs in with. VAULT_TOKEN for transit, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY for awskms, credentials.json for gcpckms, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET for azurekeyvault; nothing with workloadIdentity. Vault reads them when a pod starts.",
  }),
};

type SealSettings = Parsed<typeof sealSettings>;

/** The seals in the form the components take, with the credentials, which are secret; null where none are needed. */
export interface SealConfig {
  readonly sealing: Sealing;
  readonly credentials: pulumi.Output<Record<string, string>> | null;
}

/** Converts these settings to the form the components take. */
export function sealConfig({ sealCredentials, ...seals }: SealSettings): SealConfig {
  const isEmpty = Object.keys(sealCredentials).length === 0;
  return { sealing: sealingOf(seals), credentials: isEmpty ? null : pulumi.secret(sealCredentials) };
}

function sealingOf({ seal, previousSeal }: Omit<SealSettings, "sealCredentials">): Sealing {
  return { seal: sealOf(seal), previousSeal: previousSeal.kind === "none" ? null : sealOf(previousSeal) };
}

function sealOf(setting: z.infer<typeof sealSetting>): Seal {
  const secret: SealSecret = { kind: "secret", secretName: sealSecretName };
  if (setting.kind === "shamir") return setting;
  const isSecret = setting.kind === "transit" || setting.credentials.kind === "secret";
  // For the schema, a part that was left out is absent; for the types, it may be undefined.
  return { ...setting, ...(isSecret ? { credentials: secret } : {}) } as Seal;
}

/** Every fault of these settings that their schemas do not catch. */
export function sealFaults(
  { seal, previousSeal, sealCredentials, server }: Partial<SealSettings & Parsed<typeof serverSettings>>,
  stack: string,
): string[] {
  if (seal === undefined || previousSeal === undefined || sealCredentials === undefined) return [];
  const sealing = sealingOf({ seal, previousSeal });
  const seals = [sealing.seal, ...(sealing.previousSeal === null ? [] : [sealing.previousSeal])];
  const read = seals.flatMap(keysOf);
  const missing = read.filter((key) => (sealCredentials[key] ?? "") === "");
  const superfluous = Object.keys(sealCredentials).filter((key) => !read.includes(key));
  const faults = [
    ...sealingFaults(sealing),
    ...missing.map((key) => {
      const remedy = `set it with \`pulumi config set --stack ${stack} --secret --path 'sealCredentials["${key}"]'\``;
      return fault(`sealCredentials.${key}`, "must be given, because the seal reads it", undefined, remedy);
    }),
    ...superfluous.map((key) =>
      fault(`sealCredentials.${key}`, "must be something the seal reads", hidden, "remove it"),
    ),
  ];
  if (server === "in-memory" && seal.kind !== "shamir") {
    const rule = "must be shamir with the server in-memory";
    faults.push(fault("seal.kind", rule, seal.kind, "that server keeps nothing"));
  }
  return faults.map((text) => `${project}:${text}`);
}

/** What Vault will look for in the Secret; none when it has a cloud identity. */
function keysOf(seal: Seal): readonly string[] {
  return seal.kind === "shamir" || seal.credentials.kind !== "secret" ? [] : sealSecretKeys[seal.kind];
}
