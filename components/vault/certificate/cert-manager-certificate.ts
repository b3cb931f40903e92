import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { connectKube } from "../../../kube/kube-client.ts";
import { goDuration } from "../../../shared/units.ts";
import { certificateSecrets, type CertManagerCertificate } from "./certificate-source.ts";
import { partsOfStored, type CertificateParts } from "./certificate-parts.ts";
import { commonNameOf } from "../../../shared/common-name.ts";
import { certificateFiles } from "../server/server-config.ts";
import { readStoredCertificate } from "./stored-certificate.ts";
import type { TopologyFacts } from "../server/topology.ts";

/** What is requested from cert-manager. */
export interface RequestArgs {
  readonly facts: TopologyFacts;
  readonly namespace: string;
  readonly kubeContext: string;
  readonly source: CertManagerCertificate;
}

/**
 * Requests a certificate from cert-manager and waits until it is there. What cert-manager issued is read from the
 * cluster and is not part of the state.
 * @param name Name of the Certificate and of the Secret that cert-manager keeps for it.
 */
export function requestCertificate(
  name: string,
  args: RequestArgs,
  child: pulumi.CustomResourceOptions,
): CertificateParts {
  const { facts, namespace, kubeContext, source } = args;
  const secrets = certificateSecrets(source);
  const certificate = new k8s.apiextensions.CustomResource(name, certificateObject(name, args), child);
  const authority =
    source.authority.kind === "given"
      ? new k8s.core.v1.Secret(
          secrets.authoritySecret,
          {
            metadata: { name: secrets.authoritySecret, namespace, labels: facts.labels },
            stringData: { [certificateFiles.authority]: source.authority.certificate },
          },
          child,
        )
      : null;
  // Depends on the id, because in the preview of a new object its name counts as known.
  const issued = pulumi.all([certificate.metadata.name, certificate.id]).apply(([found]) => found);
  const authoritySecret = authority?.metadata.name ?? issued;
  const stored = pulumi
    .all([issued, authoritySecret, authority?.id ?? certificate.id])
    .apply(async ([secret, trusted]) =>
      readStoredCertificate(await connectKube(kubeContext), namespace, { secret, authoritySecret: trusted }),
    );
  return { files: { secret: issued, authoritySecret }, ...partsOfStored(stored) };
}

/**
 * Renders the Certificate that cert-manager keeps a Secret for.
 * @returns The object. `up` waits until it is ready.
 */
export function certificateObject(
  name: string,
  { facts, namespace, source }: Omit<RequestArgs, "kubeContext">,
): k8s.apiextensions.CustomResourceArgs {
  const { issuerRef, duration, renewBefore } = source;
  const { dnsNames, ipAddresses } = facts.certificateNames;
  return {
    apiVersion: "cert-manager.io/v1",
    kind: "Certificate",
    metadata: { name, namespace, labels: facts.labels, annotations: { "pulumi.com/waitFor": "condition=Ready" } },
    spec: {
      secretName: name,
      secretTemplate: { labels: facts.labels },
      ...commonNameOf(facts.serviceHost),
      dnsNames: [...dnsNames],
      ipAddresses: [...ipAddresses],
      duration: goDuration(duration),
      renewBefore: goDuration(renewBefore),
      privateKey: { algorithm: "ECDSA", size: 256, rotationPolicy: "Always" },
      usages: ["digital signature", "key encipherment", "server auth", "client auth"],
      issuerRef: { group: "cert-manager.io", kind: issuerRef.kind, name: issuerRef.name },
      // CertificateRequests of former certificates are of no use to anybody.
      revisionHistoryLimit: 1,
    },
  };
}
