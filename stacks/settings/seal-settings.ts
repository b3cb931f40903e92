import { z } from "zod";
import { fault, hidden } from "../../shared/errors.ts";
import { sealingFaults, type Sealing } from "../../components/vault/seal/seal-config.ts";
import { sealSecretKeys, type Seal, type SealSecret } from "../../components/vault/seal/seal.ts";

const text = z.string({ error: "must be a text; see its description in Pulumi.yaml" });

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

/** The setting `seal`: what keeps the root key. */
export const sealSetting = union("shamir, transit, awskms, gcpckms or azurekeyvault", [
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

/** The setting `previousSeal`: what the root key is moved from. */
export const previousSealSetting = z.discriminatedUnion(
  "kind",
  [z.strictObject({ kind: z.literal("none") }), ...sealSetting.options],
  { error: "must have a kind of none or of a seal; set vaultstack:previousSeal.kind" },
);

/** The setting `sealCredentials`: what goes into the Secret of the seal. */
export const sealCredentialsSetting = z.record(z.string(), z.string({ error: "must be text; quote the value" }), {
  error: "must be values by name; set it with `pulumi config set --secret --path`",
});

/** Name of the Secret with a seal's credentials, in Vault's namespace. */
export const sealSecretName = "vault-seal";

/** The settings of seals, parsed. */
export interface SealSettings {
  readonly seal: z.infer<typeof sealSetting>;
  readonly previousSeal: z.infer<typeof previousSealSetting>;
  readonly sealCredentials: z.infer<typeof sealCredentialsSetting>;
}

/**
 * Puts the settings into the terms of the components.
 * @param settings The settings, parsed.
 * @returns The seal and the one before it.
 */
export function sealingOfSettings({ seal, previousSeal }: Omit<SealSettings, "sealCredentials">): Sealing {
  return { seal: sealOf(seal), previousSeal: previousSeal.kind === "none" ? null : sealOf(previousSeal) };
}

function sealOf(setting: z.infer<typeof sealSetting>): Seal {
  const secret: SealSecret = { kind: "secret", secretName: sealSecretName };
  if (setting.kind === "shamir") return setting;
  const isSecret = setting.kind === "transit" || setting.credentials.kind === "secret";
  // A part that was left out is absent to the schema and may be undefined to the types.
  return { ...setting, ...(isSecret ? { credentials: secret } : {}) } as Seal;
}

/**
 * Every fault of the settings, beyond their form.
 * @param settings The settings, parsed.
 * @param stack Name of the stack, for the commands in faults.
 * @returns The faults, by the names of the settings; empty when there are none.
 */
export function sealSettingFaults({ sealCredentials, ...settings }: SealSettings, stack: string): string[] {
  const sealing = sealingOfSettings(settings);
  const seals = [sealing.seal, ...(sealing.previousSeal === null ? [] : [sealing.previousSeal])];
  const read = seals.flatMap(keysOf);
  const missing = read.filter((key) => (sealCredentials[key] ?? "") === "");
  const superfluous = Object.keys(sealCredentials).filter((key) => !read.includes(key));
  return [
    ...sealingFaults(sealing),
    ...missing.map((key) => {
      const remedy = `set it with \`pulumi config set --stack ${stack} --secret --path 'sealCredentials["${key}"]'\``;
      return fault(`sealCredentials.${key}`, "must be given, because the seal reads it", undefined, remedy);
    }),
    ...superfluous.map((key) =>
      fault(`sealCredentials.${key}`, "must be something the seal reads", hidden, "remove it"),
    ),
  ];
}

/** What Vault will look for in the Secret; none when it has an identity of the cloud. */
function keysOf(seal: Seal): readonly string[] {
  return seal.kind === "shamir" || seal.credentials.kind !== "secret" ? [] : sealSecretKeys[seal.kind];
}
