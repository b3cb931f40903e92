import { createPrivateKey, createPublicKey, X509Certificate as NodeCertificate } from "node:crypto";
import type { Pkcs10CertificateRequest, SubjectAlternativeNameExtension, X509Certificate } from "@peculiar/x509";
import { errorText, PluginError } from "../shared/errors.ts";
import { textAt, type JsonObject } from "../shared/property.ts";
import type { ResourceType } from "../shared/provider.ts";
import type { PropertyRules } from "../shared/schema.ts";
import { certificateRules, signCertificate, type CertificateParties } from "./certificate.ts";
import { renewable } from "./renewal.ts";
import { signingKey, verifyingKey } from "./signing-key.ts";
import { alternativeNamesExtension } from "./subject.ts";
import { x509Library } from "./x509-library.ts";

type X509 = typeof import("@peculiar/x509");

const rules: PropertyRules = {
  ...certificateRules,
  certRequestPem: { type: "string", required: true, replace: true },
  caCertPem: { type: "string", required: true, replace: true },
  caPrivateKeyPem: { type: "string", required: true, secret: true, replace: true },
};

/** `tls:index/locallySignedCert:LocallySignedCert`: a certificate for a request, signed by an authority's key. */
export function locallySignedCert(now: () => Date): ResourceType {
  return {
    inputs: rules,
    outputs: {
      certPem: {},
      caKeyAlgorithm: {},
      readyForRenewal: {},
      validityStartTime: {},
      validityEndTime: {},
    },
    create: async (inputs, { log }) => {
      const x509 = await x509Library();
      const authority = parsedAuthority(x509, inputs);
      if (authority.getExtension(x509.BasicConstraintsExtension)?.ca !== true) {
        log.warning(
          "caCertPem: must be a certificate authority's, got another; the new certificate may not be accepted",
        );
      }
      const parties = await partiesOf(x509, inputs, authority);
      const { id, outputs } = await signCertificate(x509, inputs, parties, now());
      return { id, outputs: { ...inputs, ...outputs, caKeyAlgorithm: parties.signer.algorithm } };
    },
    ...renewable(rules, now),
  };
}

async function partiesOf(x509: X509, inputs: JsonObject, authority: X509Certificate): Promise<CertificateParties> {
  const request = await parsedRequest(x509, textAt(inputs, "certRequestPem"));
  const names = request.extensions.find(
    (extension): extension is SubjectAlternativeNameExtension =>
      extension instanceof x509.SubjectAlternativeNameExtension,
  );
  const signer = await signingKey(textAt(inputs, "caPrivateKeyPem"), "caPrivateKeyPem");
  return {
    subject: request.subjectName,
    // The very bytes of the authority's name: verifiers compare them.
    issuer: authority.subjectName,
    publicKey: await verifyingKey(createPublicKey(request.publicKey.toString("pem")), "certRequestPem"),
    signer,
    alternativeNames: names && alternativeNamesExtension(x509, names.names.toJSON(), request.subjectName),
    authorityKeyId: authority.getExtension(x509.SubjectKeyIdentifierExtension)?.keyId,
  };
}

async function parsedRequest(x509: X509, pem: string): Promise<Pkcs10CertificateRequest> {
  const request = parsed("certRequestPem", "a certificate request", () => new x509.Pkcs10CertificateRequest(pem));
  if (await request.verify()) return request;
  throw new PluginError("certRequestPem: must be signed by its own key, got another signature; make the request anew");
}

function parsedAuthority(x509: X509, inputs: JsonObject): X509Certificate {
  const pem = textAt(inputs, "caCertPem");
  const certificate = parsed("caCertPem", "a certificate", () => new x509.X509Certificate(pem));
  const key = parsed("caPrivateKeyPem", "a private key", () => createPrivateKey(textAt(inputs, "caPrivateKeyPem")));
  if (new NodeCertificate(pem).checkPrivateKey(key)) return certificate;
  throw new PluginError(
    "caPrivateKeyPem: must be the key of caCertPem, got another key; use the pair of one authority",
  );
}

function parsed<Value>(property: string, what: string, parse: () => Value): Value {
  try {
    return parse();
  } catch (error) {
    throw new PluginError(
      `${property}: must be ${what} in PEM, got something else (${errorText(error)}); check its source`,
    );
  }
}
