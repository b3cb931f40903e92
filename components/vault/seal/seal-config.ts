import type * as k8s from "@pulumi/kubernetes";
import { fault } from "../../../shared/errors.ts";
import { attribute, block } from "../server/hcl.ts";
import { sealFaults, sealSecretKeys, type Seal } from "./seal.ts";

/** A seal, and the one whose root key it takes over. */
export interface Sealing {
  readonly seal: Seal;
  /** Null when nothing is to be migrated. */
  readonly previousSeal: Seal | null;
}

/** Where the pods find what a seal needs. */
const sealFolder = "/vault/seal";

/** Name of the file, next to the server's configuration, with which a transit seal's server is verified. */
const authorityFile = "seal-ca.pem";

/** The seal with a service behind it, if there is one: at most one of the two, by {@link sealingFaults}. */
function serviceSeal({ seal, previousSeal }: Sealing): Seal {
  return seal.kind === "shamir" ? (previousSeal ?? seal) : seal;
}

/** Every fault of a seal and the one before it. */
export function sealingFaults({ seal, previousSeal }: Sealing): string[] {
  const faults = sealFaults(seal).map((text) => `seal.${text}`);
  if (previousSeal === null) return faults;
  const rule = `must differ from seal, which is ${seal.kind}`;
  const isMove = (seal.kind === "shamir") !== (previousSeal.kind === "shamir");
  return [
    ...faults,
    ...sealFaults(previousSeal).map((text) => `previousSeal.${text}`),
    ...(seal.kind === previousSeal.kind
      ? [fault("previousSeal.kind", rule, previousSeal.kind, "remove it: there is nothing to be moved")]
      : isMove
        ? []
        : [fault("previousSeal.kind", "must be shamir, or seal must be", previousSeal.kind, "move to shamir first")]),
  ];
}

/**
 * Renders the stanza of a seal. It holds no credentials.
 * @param sealing The seal and the one before it; check them with {@link sealingFaults}.
 * @param configFolder Folder of the server's configuration in the pods.
 * @returns Lines of HCL; none for the seal that is Vault's default.
 */
export function renderSeal(sealing: Sealing, configFolder: string): string[] {
  const seal = serviceSeal(sealing);
  if (seal.kind === "shamir") return [];
  const lines = Object.entries(attributesOf(seal, configFolder)).flatMap(([name, value]) =>
    value === undefined ? [] : [attribute(name, value)],
  );
  // Vault migrates the root key away from a seal that it may still ask but must no longer use.
  const disabled = seal === sealing.seal ? [] : [attribute("disabled", true)];
  return block(`seal ${JSON.stringify(seal.kind)}`, [...lines, ...disabled]);
}

function attributesOf(
  seal: Exclude<Seal, { kind: "shamir" }>,
  configFolder: string,
): Record<string, string | undefined> {
  switch (seal.kind) {
    case "transit":
      return {
        address: seal.address,
        mount_path: seal.mount ?? "transit",
        key_name: seal.key,
        tls_ca_cert: seal.caCertificate === undefined ? undefined : `${configFolder}/${authorityFile}`,
        tls_server_name: seal.serverName,
      };
    case "awskms":
      return { region: seal.region, kms_key_id: seal.keyId, endpoint: seal.endpoint };
    case "gcpckms":
      return { project: seal.project, region: seal.region, key_ring: seal.keyRing, crypto_key: seal.cryptoKey };
    case "azurekeyvault":
      return { tenant_id: seal.tenantId, vault_name: seal.vaultName, key_name: seal.keyName };
  }
}

/**
 * Public files of a seal that are placed next to the server's configuration.
 * @param sealing The seal and the one before it.
 * @returns File contents by name.
 */
export function sealFiles(sealing: Sealing): Record<string, string> {
  const seal = serviceSeal(sealing);
  return seal.kind === "transit" && seal.caCertificate !== undefined ? { [authorityFile]: seal.caCertificate } : {};
}

/** What a seal needs in Vault's pods. */
export interface SealPodParts {
  readonly env: k8s.types.input.core.v1.EnvVar[];
  readonly volumes: k8s.types.input.core.v1.Volume[];
  readonly mounts: k8s.types.input.core.v1.VolumeMount[];
  /** Labels of the pods. */
  readonly labels: Record<string, string>;
  /** Annotations of the service account. */
  readonly accountAnnotations: Record<string, string>;
}

/**
 * What a seal needs in Vault's pods: references to its credentials, or an identity in the cloud.
 * @param sealing The seal and the one before it.
 * @returns Parts of the pods and of their service account.
 */
export function sealPodParts(sealing: Sealing): SealPodParts {
  const seal = serviceSeal(sealing);
  const none: SealPodParts = { env: [], volumes: [], mounts: [], labels: {}, accountAnnotations: {} };
  if (seal.kind === "shamir") return none;
  if (seal.credentials.kind === "workloadIdentity") return { ...none, ...identityParts(seal) };
  const { secretName } = seal.credentials;
  if (seal.kind === "gcpckms") {
    return {
      ...none,
      env: [{ name: "GOOGLE_APPLICATION_CREDENTIALS", value: `${sealFolder}/${sealSecretKeys.gcpckms[0]}` }],
      volumes: [{ name: "seal", secret: { secretName } }],
      mounts: [{ name: "seal", mountPath: sealFolder, readOnly: true }],
    };
  }
  const keys = sealSecretKeys[seal.kind];
  return { ...none, env: keys.map((key) => ({ name: key, valueFrom: { secretKeyRef: { name: secretName, key } } })) };
}

function identityParts(seal: Seal): Partial<SealPodParts> {
  if (seal.kind === "shamir" || seal.credentials.kind === "secret") return {};
  const { credentials } = seal;
  if ("roleArn" in credentials) return { accountAnnotations: { "eks.amazonaws.com/role-arn": credentials.roleArn } };
  if ("serviceAccount" in credentials) {
    return { accountAnnotations: { "iam.gke.io/gcp-service-account": credentials.serviceAccount } };
  }
  return {
    labels: { "azure.workload.identity/use": "true" },
    accountAnnotations: { "azure.workload.identity/client-id": credentials.clientId },
  };
}
