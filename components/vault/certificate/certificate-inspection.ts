import * as pulumi from "@pulumi/pulumi";
import { connectKube } from "../../../kube/kube-client.ts";
import { exchangeFaults } from "./authority-exchange.ts";
import { expiryWarnings } from "./certificate-expiry.ts";
import { storedCertificateFaults } from "./certificate-judgement.ts";
import { certificateSecrets, certificateSourceFaults, type CertificateSource } from "./certificate-source.ts";
import { quickLook } from "../../../protocol/frame/quick-look.ts";
import type { VaultTarget } from "../../../protocol/frame/vault-target.ts";
import { readStoredCertificate, type StoredCertificate } from "./stored-certificate.ts";
import type { TopologyFacts } from "../server/topology.ts";

/** What is inspected. */
export interface InspectionArgs {
  /** Where the certificate comes from. */
  readonly source: CertificateSource;
  /** The topology that it must fit. */
  readonly facts: TopologyFacts;
  /** Where it is. */
  readonly target: VaultTarget;
}

/**
 * Inspects the certificate in use before anything is changed, and warns when it or an authority expires soon.
 *
 * Ends the run when somebody else's certificate does not fit the topology, or when authorities would be replaced in a
 * way that leaves clients without trust. Must come before anything in the cluster is declared.
 * @returns What the Secret holds; null for nothing, or where the cluster cannot be asked and nothing depends on it.
 * @throws {pulumi.RunError} With every fault.
 */
export async function inspectCertificate({ source, facts, target }: InspectionArgs): Promise<StoredCertificate | null> {
  const faults = certificateSourceFaults(source);
  if (faults.length > 0) throw faultsError(faults);
  const { namespace } = target;
  const read = async (): Promise<StoredCertificate | null> =>
    readStoredCertificate(await connectKube(target.kubeContext), namespace, certificateSecrets(source));
  const now = Date.now();
  if (source.kind === "existing") {
    const stored = await read().catch((error: unknown) => {
      throw new pulumi.RunError(error instanceof Error ? error.message : String(error));
    });
    const demand = { secret: `${namespace}/${source.secretName}`, hosts: facts.verifiedHosts, now };
    const found = storedCertificateFaults(stored, demand);
    if (found.length > 0) throw faultsError(found);
    return warn(source, stored, now);
  }
  const stored = await quickLook(read);
  const found = source.kind === "issued" ? exchangeFaults(source, stored) : [];
  if (found.length > 0) throw faultsError(found);
  return warn(source, stored, now);
}

function warn(source: CertificateSource, stored: StoredCertificate | null, now: number): StoredCertificate | null {
  const warnings = stored === null ? [] : expiryWarnings(source, stored, now);
  for (const text of warnings) void pulumi.log.warn(text);
  return stored;
}

function faultsError(faults: readonly string[]): pulumi.RunError {
  const heading = `the certificate of Vault's listener has ${faults.length === 1 ? "a fault" : `${faults.length} faults`}`;
  return new pulumi.RunError([`${heading}:`, ...faults.map((text) => `  ${text}`)].join("\n"));
}
