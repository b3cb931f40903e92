import * as pulumi from "@pulumi/pulumi";
import { childOptions, componentOptions } from "../../shared/child-options.ts";
import { rejectFaults } from "../../../shared/errors.ts";
import { durationFaults, toSeconds, type Duration } from "../../../shared/units.ts";
import type { VaultPKISecretSpec } from "./custom-resource-specs.ts";
import { type Destination, destinationFaults, rolloutFaults, type RolloutTarget } from "./destination.ts";
import { type CertificateLifetime, certificateFaults } from "../lifetime-rules.ts";
import { deliverSecret, type SyncedSecret } from "./synced-secret.ts";
import type { VaultAuth } from "./vault-auth.ts";

/** A role of a PKI engine, which issues certificates. */
export interface CertificateSource {
  /** Path of the mount. */
  readonly mount: pulumi.Input<string>;
  /** Name of the role. */
  readonly role: pulumi.Input<string>;
  /** Lifetime of its certificates, to check requests for them. @default - not known here: Vault checks */
  readonly lifetime?: CertificateLifetime;
}

const certificateFieldNames = [
  "altNames",
  "commonName",
  "excludeCNFromSans",
  "format",
  "ipSans",
  "issuerRef",
  "otherSans",
  "privateKeyFormat",
  "uriSans",
  "userIDs",
] as const;

type CertificateField = (typeof certificateFieldNames)[number];

/** What is delivered from a PKI engine. */
export interface PkiSecretSettings extends Pick<VaultPKISecretSpec, CertificateField> {
  /** What issues the certificate. The login must be allowed to request it. */
  readonly source: CertificateSource;
  /** The Kubernetes Secret; if of type `kubernetes.io/tls`, it gets the keys that ingresses expect. */
  readonly destination: Destination;
  /** Lifetime of the certificate. @default - the role's */
  readonly ttl?: Duration;
  /** How long before it expires it is replaced. @default - a moment before */
  readonly expiryOffset?: Duration;
  /** Whether the certificate is revoked when it is replaced and when the custom resource goes. @default true */
  readonly revoke?: boolean;
  /** Whether an existing Secret is emptied when the custom resource goes. @default false */
  readonly clear?: boolean;
  /** Workloads that are restarted when the certificate changes. @default - none */
  readonly rolloutRestart?: readonly RolloutTarget[];
  /** How long `up` waits for the operator. @default "2m" */
  readonly timeout?: Duration;
}

/** A certificate that Vault issues, as a Kubernetes Secret. */
export interface PkiSecretArgs extends PkiSecretSettings {
  /** The login that requests it; the Secret is in its namespace. */
  readonly auth: VaultAuth;
  /** Name of the custom resource. @default - the component's name */
  readonly objectName?: string;
}

/**
 * A certificate that Vault issues, with its key, as a Kubernetes Secret; `up` waits until it has been written.
 * @example
 * new PkiSecret(
 *   "web",
 *   { auth, source: { mount: pki.path, role }, commonName: "web.example.com", destination, ttl: "24h" },
 *   cluster,
 * );
 */
export class PkiSecret extends pulumi.ComponentResource implements SyncedSecret {
  /** Name of the Secret; resolves once it has been written. */
  public readonly secretName: pulumi.Output<string>;
  /** Namespace of the Secret. */
  public readonly namespace: pulumi.Output<string>;
  /** The workloads that are restarted when it changes. */
  public readonly rolloutRestart: readonly RolloutTarget[];

  public constructor(name: string, args: PkiSecretArgs, opts?: pulumi.ComponentResourceOptions) {
    super("vaultstack:delivery:PkiSecret", name, {}, componentOptions(opts));
    rejectFaults(this, pkiSecretFaults(args));
    const { source, ttl, expiryOffset } = args;
    const delivered = deliverSecret(
      this,
      name,
      args,
      (common) => ({
        kind: "VaultPKISecret",
        spec: {
          ...common,
          ...certificateFields(args),
          mount: source.mount,
          role: source.role,
          // The operator writes the object back without fields that are false, which would look like a manual change.
          ...((args.revoke ?? true) && { revoke: true }),
          ...(args.clear === true && { clear: true }),
          ...(ttl !== undefined && { ttl: `${toSeconds(ttl)}s` }),
          ...(expiryOffset !== undefined && { expiryOffset: `${toSeconds(expiryOffset)}s` }),
        },
      }),
      childOptions(this, opts),
    );
    this.secretName = delivered.secretName;
    this.namespace = delivered.namespace;
    this.rolloutRestart = delivered.rolloutRestart;
    this.registerOutputs({ secretName: this.secretName });
  }
}

/** The fields of the certificate, as far as they are given. */
function certificateFields(args: PkiSecretSettings): Pick<VaultPKISecretSpec, CertificateField> {
  const given = certificateFieldNames.filter((name) => args[name] !== undefined);
  return Object.fromEntries(given.map((name) => [name, args[name]]));
}

/** Every fault of a certificate's arguments. */
export function pkiSecretFaults(args: PkiSecretSettings): string[] {
  const { source, ttl, expiryOffset, rolloutRestart = [], timeout } = args;
  const durations = Object.entries({ ttl, expiryOffset, timeout }).flatMap(([name, value]) =>
    value === undefined ? [] : durationFaults(name, value),
  );
  return [
    ...destinationFaults(args.destination),
    ...durations,
    ...rolloutFaults(rolloutRestart, true),
    ...certificateFaults({ ttl, expiryOffset }, source.lifetime),
  ];
}
