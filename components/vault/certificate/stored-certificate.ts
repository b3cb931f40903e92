import { createPrivateKey, X509Certificate } from "node:crypto";
import type { KubeApi } from "../../../kube/kube-client.ts";
import { certificatesIn, type CertificateSecrets } from "./certificate-source.ts";
import { certificateFiles } from "../server/server-config.ts";

/** What the Secrets of a certificate hold. The private key itself is not kept, only whether it fits. */
export interface StoredCertificate {
  /** The certificate and the intermediates between it and an authority, in the order of the file. */
  readonly chain: FileContent;
  /** The trusted authorities. */
  readonly authorities: FileContent;
  /** Whether the private key is the certificate's. */
  readonly key: "fits" | "other" | "unreadable" | "missing";
}

/** Certificates of one file, and its text; `unreadable` when it holds something else. */
export type FileContent =
  | { readonly kind: "certificates"; readonly certificates: readonly X509Certificate[]; readonly pem: string }
  | { readonly kind: "unreadable" }
  | { readonly kind: "missing" };

/**
 * Reads the certificate that Vault's pods get.
 * @param kube API of the cluster.
 * @param namespace Namespace of Vault.
 * @param secrets Names of the Secrets.
 * @returns What they hold; null when the Secret of the certificate does not exist.
 */
export async function readStoredCertificate(
  kube: KubeApi,
  namespace: string,
  { secret: name, authoritySecret }: CertificateSecrets,
): Promise<StoredCertificate | null> {
  const secret = await kube.readSecret(namespace, name);
  if (secret === null) return null;
  const other = authoritySecret === name ? secret : await kube.readSecret(namespace, authoritySecret);
  return parseStored({ ...secret.data, [certificateFiles.authority]: other?.data?.[certificateFiles.authority] ?? "" });
}

/**
 * Parses the data of a Secret.
 * @param data Its values in base64, by file.
 */
export function parseStored(data: Readonly<Record<string, string>>): StoredCertificate {
  const text = (file: string): string => Buffer.from(data[file] ?? "", "base64").toString();
  const chain = contentOf(text(certificateFiles.certificate));
  const authorities = contentOf(text(certificateFiles.authority));
  return { chain, authorities, key: keyOf(text(certificateFiles.privateKey), chain) };
}

function contentOf(pem: string): FileContent {
  if (pem.trim() === "") return { kind: "missing" };
  try {
    const certificates = certificatesIn(pem);
    return certificates.length === 0 ? { kind: "unreadable" } : { kind: "certificates", certificates, pem };
  } catch {
    return { kind: "unreadable" };
  }
}

function keyOf(pem: string, chain: FileContent): StoredCertificate["key"] {
  if (pem.trim() === "") return "missing";
  try {
    const key = createPrivateKey(pem);
    const [leaf] = chain.kind === "certificates" ? chain.certificates : [];
    return leaf === undefined || leaf.checkPrivateKey(key) ? "fits" : "other";
  } catch {
    return "unreadable";
  }
}
