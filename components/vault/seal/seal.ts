import { leavesItself } from "../../engines/mount-path.ts";
import { fault, hidden } from "../../../shared/errors.ts";
import { isHost, parseUrl } from "../../../shared/host.ts";
import { isSubdomain } from "../../../shared/kubernetes-name.ts";
import { isCertificates } from "../../../shared/pem.ts";
import type { SealType } from "../../../protocol/keys/seal-type.ts";
import {
  awsRegion,
  azureVault,
  googleAccount,
  googleLocation,
  googleProject,
  guid,
  kmsKeyFaults,
} from "./seal-names.ts";

/** A Secret in Vault's namespace, which exists before the server. What it holds is read when a pod starts. */
export interface SealSecret {
  readonly kind: "secret";
  /** Name of the Secret. Its keys are those of {@link sealSecretKeys}. */
  readonly secretName: string;
}

/** Vault splits its root key; somebody with enough shares must unseal each node after each start. */
export interface ShamirSeal {
  readonly kind: "shamir";
}

/** How Vault connects to the Vault that keeps its root key. */
export type SealTransport =
  | { readonly kind: "tls" }
  | {
      /** Without TLS: the token that opens this Vault, and the key to its data, can be read on the network. */
      readonly kind: "plaintext";
    };

/** Another Vault encrypts the root key. While it cannot be reached, no node of this one can start. */
export interface TransitSeal {
  readonly kind: "transit";
  /** Address of the other Vault as the pods see it, beginning with https:// unless another transport is set. */
  readonly address: string;
  /** How to connect to it. @default - with TLS */
  readonly transport?: SealTransport;
  /** Path of its transit engine. @default "transit" */
  readonly mount?: string;
  /** Name of the key; the token must be allowed to encrypt and decrypt with it, and nothing else. */
  readonly key: string;
  /**
   * PEM certificate of the authority that its certificate is verified with.
   * @default - the authorities of Vault's image
   */
  readonly caCertificate?: string;
  /** Name in its certificate, if it is not that of the address. @default - the host of the address */
  readonly serverName?: string;
  /** Where its token is; Vault renews it. */
  readonly credentials: SealSecret;
}

/** A key of AWS KMS encrypts the root key. */
export interface AwsKmsSeal {
  readonly kind: "awskms";
  readonly region: string;
  /** Id, alias or ARN of the key. */
  readonly keyId: string;
  /** Address of the service, for a private endpoint. @default - that of the region */
  readonly endpoint?: string;
  readonly credentials:
    | SealSecret
    | {
        readonly kind: "workloadIdentity";
        /** ARN of the role that Vault's service account assumes. */
        readonly roleArn: string;
      };
}

/** A key of Google Cloud KMS encrypts the root key. */
export interface GcpKmsSeal {
  readonly kind: "gcpckms";
  readonly project: string;
  /** Location of the key ring, such as `global`. */
  readonly region: string;
  readonly keyRing: string;
  readonly cryptoKey: string;
  readonly credentials:
    | SealSecret
    | {
        readonly kind: "workloadIdentity";
        /** Email address of the Google service account that Vault's service account acts as. */
        readonly serviceAccount: string;
      };
}

/** A key of Azure Key Vault encrypts the root key. */
export interface AzureKeyVaultSeal {
  readonly kind: "azurekeyvault";
  readonly tenantId: string;
  /** Name of the key vault. */
  readonly vaultName: string;
  readonly keyName: string;
  readonly credentials:
    | SealSecret
    | {
        readonly kind: "workloadIdentity";
        /** Client id of the application that Vault's service account acts as. */
        readonly clientId: string;
      };
}

/**
 * What keeps Vault's root key. Every kind except `shamir` unseals each node by itself when it starts; the shares made
 * at initialisation are then recovery shares, which can generate a root token but unseal nothing.
 *
 * The kind is fixed at initialisation. Changing it is a migration, never just an edit.
 */
export type Seal = ShamirSeal | TransitSeal | AwsKmsSeal | GcpKmsSeal | AzureKeyVaultSeal;

/** What Vault reads from the Secret of a seal: names of environment variables, or of a file. */
export const sealSecretKeys = {
  transit: ["VAULT_TOKEN"],
  awskms: ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"],
  gcpckms: ["credentials.json"],
  azurekeyvault: ["AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET"],
} as const satisfies Record<Exclude<SealType, "shamir">, readonly string[]>;

/** Every fault of a seal. Vault itself would notice them only when it starts, and would then not start. */
export function sealFaults(seal: Seal): string[] {
  switch (seal.kind) {
    case "shamir":
      return [];
    case "transit":
      return [...transitFaults(seal), ...credentialFaults(seal.credentials, [])];
    case "awskms":
      return [
        ...matching("region", seal.region, awsRegion, "a region", "write it as eu-central-1"),
        ...kmsKeyFaults(seal),
        ...(seal.endpoint === undefined ? [] : urlFaults("endpoint", seal.endpoint, /^https$/)),
        ...credentialFaults(seal.credentials, [
          ["roleArn", /^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]+$/, "the ARN of a role"],
        ]),
      ];
    case "gcpckms":
      return [
        ...matching("project", seal.project, googleProject, "the id of a project", "copy it"),
        ...matching("region", seal.region, googleLocation, "a location", "write it as global or europe-west3"),
        ...matching("keyRing", seal.keyRing, /^[\w-]{1,63}$/, "the name of a key ring", "leave out its path"),
        ...matching("cryptoKey", seal.cryptoKey, /^[\w-]{1,63}$/, "the name of a key", "leave out its path"),
        ...credentialFaults(seal.credentials, [["serviceAccount", googleAccount, "the address of a service account"]]),
      ];
    case "azurekeyvault":
      return [
        ...matching("tenantId", seal.tenantId, guid, "the id of a tenant", "copy it"),
        ...matching("vaultName", seal.vaultName, azureVault, "a key vault", "copy it"),
        ...matching("keyName", seal.keyName, /^[A-Za-z0-9-]{1,127}$/, "the name of a key", "leave out its version"),
        ...credentialFaults(seal.credentials, [["clientId", guid, "the id of an application"]]),
      ];
  }
}

function transitFaults(seal: TransitSeal): string[] {
  const { address, transport = { kind: "tls" }, mount = "transit", key, caCertificate, serverName } = seal;
  const isCertificate = caCertificate === undefined || isCertificates(caCertificate);
  const isPath = mount.split("/").every((segment) => /^[\w.-]+$/.test(segment)) && !leavesItself(mount);
  return [
    ...addressFaults(address, transport),
    ...(isPath ? [] : [fault("mount", "must be a mount path", mount, "leave out slashes at its ends")]),
    ...matching("key", key, /^\w([\w.-]*\w)?$/, "the name of a key", "use letters, digits, dots and dashes"),
    ...(isCertificate
      ? []
      : [fault("caCertificate", "must be a PEM certificate", hidden, "paste it with its BEGIN and END lines")]),
    ...(serverName === undefined || isHost(serverName)
      ? []
      : [fault("serverName", "must be a name that a certificate carries", serverName, "leave out scheme and port")]),
  ];
}

/** With an address without TLS, the token would be sent unencrypted to whoever answers there. */
function addressFaults(address: string, transport: SealTransport): string[] {
  const faults = urlFaults("address", address, /^https?$/);
  if (faults.length > 0) return faults;
  const isPlain = parseUrl(address)?.scheme === "http";
  if (isPlain === (transport.kind === "plaintext")) return [];
  return isPlain
    ? [
        fault(
          "address",
          "must be https://, because the token that opens Vault is sent there",
          address,
          "give the other Vault TLS, or agree to have it read on the network: transport: {kind: plaintext}",
        ),
      ]
    : [fault("transport.kind", "must be tls for an address with https://", transport.kind, "leave it out")];
}

function urlFaults(at: string, url: string, schemes: RegExp): string[] {
  const parts = parseUrl(url);
  if (parts !== null && schemes.test(parts.scheme) && parts.query === "" && !parts.path.endsWith("/")) return [];
  // Not shown: it may contain credentials.
  return [
    fault(at, "must be the address of a service", hidden, "write scheme, host and port, and no slash at the end"),
  ];
}

function credentialFaults(
  credentials: SealSecret | ({ readonly kind: "workloadIdentity" } & Readonly<Record<string, string>>),
  identity: readonly (readonly [string, RegExp, string])[],
): string[] {
  if (credentials.kind === "secret") {
    const { secretName } = credentials;
    if (isSubdomain(secretName)) return [];
    return [fault("credentials.secretName", "must be the name of a Secret", secretName, "leave out its namespace")];
  }
  return identity.flatMap(([name, pattern, what]) =>
    matching(`credentials.${name}`, credentials[name] ?? "", pattern, what, "copy it"),
  );
}

function matching(at: string, value: string, pattern: RegExp, what: string, remedy: string): string[] {
  return pattern.test(value) ? [] : [fault(at, `must be ${what}`, value, remedy)];
}
