import type { webcrypto } from "node:crypto";
import { PluginError } from "../shared/errors.ts";
import { textAt, type JsonObject } from "../shared/property.ts";
import type { ResourceType } from "../shared/provider.ts";
import type { PropertyRules } from "../shared/schema.ts";
import { certificateRules, signCertificate } from "./certificate.ts";
import { renewable } from "./renewal.ts";
import { signingKey } from "./signing-key.ts";
import { alternativeNames, alternativeNamesExtension, distinguishedName, subjectRules } from "./subject.ts";
import { x509Library } from "./x509-library.ts";

const rules: PropertyRules = {
  ...certificateRules,
  ...subjectRules,
  privateKeyPem: { type: "string", required: true, secret: true, replace: true },
  setAuthorityKeyId: { type: "boolean", default: false, replace: true },
};

type X509 = typeof import("@peculiar/x509");

/**
 * `tls:index/selfSignedCert:SelfSignedCert`: a certificate signed by the key it is for, a root authority for example.
 */
export function selfSignedCert(now: () => Date): ResourceType {
  return {
    inputs: rules,
    outputs: {
      certPem: {},
      keyAlgorithm: {},
      readyForRenewal: {},
      validityStartTime: {},
      validityEndTime: {},
    },
    create: async (inputs) => {
      const x509 = await x509Library();
      const signer = await signingKey(textAt(inputs, "privateKeyPem"), "privateKeyPem");
      const subject = distinguishedName(x509, inputs["subject"]);
      const { id, outputs } = await signCertificate(
        x509,
        inputs,
        {
          subject,
          issuer: subject,
          publicKey: signer.publicKey,
          signer,
          authorityKeyId:
            inputs["setAuthorityKeyId"] === true ? await ownKeyId(x509, inputs, signer.publicKey) : undefined,
          alternativeNames: alternativeNamesExtension(x509, alternativeNames(inputs), subject),
        },
        now(),
      );
      return { id, outputs: { ...inputs, ...outputs, keyAlgorithm: signer.algorithm } };
    },
    ...renewable(rules, now),
  };
}

async function ownKeyId(x509: X509, inputs: JsonObject, key: webcrypto.CryptoKey): Promise<string> {
  if (inputs["isCaCertificate"] === true || inputs["setSubjectKeyId"] === true) {
    return (await x509.SubjectKeyIdentifierExtension.create(key)).keyId;
  }
  throw new PluginError(
    "setAuthorityKeyId: must go with setSubjectKeyId or isCaCertificate, got neither; set one of them",
  );
}
