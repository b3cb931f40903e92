import { createHash } from "node:crypto";
import { textAt } from "../shared/property.ts";
import type { ResourceType } from "../shared/provider.ts";
import { signingKey } from "./signing-key.ts";
import { alternativeNames, alternativeNamesExtension, distinguishedName, subjectRules } from "./subject.ts";
import { x509Library } from "./x509-library.ts";

/** `tls:index/certRequest:CertRequest`: a request for a certificate, signed by the key it is for. */
export const certRequest: ResourceType = {
  inputs: { ...subjectRules, privateKeyPem: { type: "string", required: true, secret: true, replace: true } },
  outputs: { certRequestPem: {}, keyAlgorithm: {} },
  create: async (inputs) => {
    const x509 = await x509Library();
    const key = await signingKey(textAt(inputs, "privateKeyPem"), "privateKeyPem");
    const subject = distinguishedName(x509, inputs["subject"]);
    const names = alternativeNamesExtension(x509, alternativeNames(inputs), subject);
    const request = await x509.Pkcs10CertificateRequestGenerator.create({
      name: subject,
      keys: { privateKey: key.privateKey, publicKey: key.publicKey },
      signingAlgorithm: key.signing,
      extensions: names === undefined ? [] : [names],
    });
    const id = createHash("sha1").update(Buffer.from(request.rawData)).digest("hex");
    const outputs = { ...inputs, certRequestPem: `${request.toString("pem")}\n`, keyAlgorithm: key.algorithm };
    return { id, outputs };
  },
  read: ({ id, outputs }) => Promise.resolve(Object.keys(outputs).length === 0 ? undefined : { id, outputs }),
  delete: () => Promise.resolve(),
};
