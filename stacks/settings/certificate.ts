import { z } from "zod";
import { certificateSourceFaults } from "../../components/vault/certificate/certificate-source.ts";
import { duration } from "./setting-rules.ts";
import { type Parsed, project, setting } from "./setting.ts";

const text = z.string({ error: "must be a text; see docs/settings.md" });

const issuerRef = z.strictObject(
  {
    kind: z.enum(["Issuer", "ClusterIssuer"], { error: "must be Issuer or ClusterIssuer; name what signs" }),
    name: text,
  },
  { error: "must be {kind, name}; name what signs" },
);

const authority = z.discriminatedUnion(
  "kind",
  [z.strictObject({ kind: z.literal("secret") }), z.strictObject({ kind: z.literal("given"), certificate: text })],
  { error: 'must be {kind: "secret"} or {kind: "given"}; set vaultstack:certificate.authority.kind' },
);

const certificateSource = z.discriminatedUnion(
  "kind",
  [
    z.strictObject({
      kind: z.literal("issued"),
      authorities: z.array(z.string(), { error: "must be a list of names; write it as [ca1]" }).default(["ca1"]),
      validity: duration().default("90d"),
      renewBefore: duration().default("30d"),
      authorityValidity: duration().default("3650d"),
    }),
    z.strictObject({
      kind: z.literal("cert-manager"),
      issuerRef,
      duration: duration().default("90d"),
      renewBefore: duration().default("30d"),
      authority: authority.default({ kind: "secret" }),
    }),
    z.strictObject({ kind: z.literal("existing"), secretName: text, renewBefore: duration().default("30d") }),
  ],
  { error: "must be of the kind issued, cert-manager or existing; set vaultstack:certificate.kind" },
);

/** The certificate of a cluster of servers. */
export const certificateSettings = {
  certificate: setting(certificateSource, {
    default: { kind: "issued" },
    description:
      "Where the certificate of a cluster comes from; Vault takes another one over without a restart. {kind: issued} is signed by the first of the named authorities, which the stack makes; all of them are trusted. It is valid for validity, and a run within renewBefore of its end replaces it. An authority is valid for authorityValidity. {kind: cert-manager} is issued and renewed by cert-manager, which must be there; authority is {kind: secret} for ca.crt of its Secret or {kind: given, certificate} in PEM. {kind: existing} is the Secret of that name in the namespace of Vault, with tls.crt, tls.key and ca.crt, which somebody else renews; each run within renewBefore of its end warns. With the last two the namespace may be there before the stack, whose it becomes.",
    examples: [
      { kind: "issued", authorities: ["ca2", "ca1"], validity: "30d", renewBefore: "10d" },
      { kind: "cert-manager", issuerRef: { kind: "ClusterIssuer", name: "internal" } },
      { kind: "existing", secretName: "vault-tls" },
    ],
  }),
};

/** Every fault of the setting that its schema does not catch. */
export function certificateFaults({ certificate }: Partial<Parsed<typeof certificateSettings>>): string[] {
  if (certificate === undefined) return [];
  return certificateSourceFaults(certificate).map((text) => `${project}:${text.replace(/^source\./, "certificate.")}`);
}
