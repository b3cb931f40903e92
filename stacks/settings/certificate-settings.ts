import { z } from "zod";
import {
  certificateSourceFaults,
  type CertificateSource,
} from "../../components/vault/certificate/certificate-source.ts";
import { duration } from "./setting-rules.ts";

const text = z.string({ error: "must be a text; see its description in Pulumi.yaml" });

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

/** The setting `certificate`: where the certificate of a cluster comes from. */
export const certificateSetting = z.discriminatedUnion(
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

/**
 * Every fault of the setting that its form does not show.
 * @param source The setting, parsed.
 * @returns The faults, each beginning with the part of the setting it is about.
 */
export function certificateSettingFaults(source: CertificateSource): string[] {
  return certificateSourceFaults(source).map((fault) => fault.replace(/^source\./, ""));
}
