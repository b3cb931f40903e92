import * as pulumi from "@pulumi/pulumi";
import type { PolicyRuleArgs } from "../../access/policy.ts";
import { childOptions, componentOptions } from "../../shared/child-options.ts";
import { fault, rejectFaults } from "../../../shared/errors.ts";
import { durationFaults, toSeconds, type Duration } from "../../../shared/units.ts";
import type { VaultDynamicSecretSpec } from "./custom-resource-specs.ts";
import { type Destination, destinationFaults, rolloutFaults, type RolloutTarget } from "./destination.ts";
import { type CredentialLifetime, renewalFaults, tokenEndFaults } from "../lifetime-rules.ts";
import { deliverSecret, type SyncedSecret } from "./synced-secret.ts";
import type { VaultAuth } from "./vault-auth.ts";

/** A role that issues credentials, such as a role of a database engine. */
export interface CredentialSource {
  /** Path of the mount. */
  readonly mount: pulumi.Input<string>;
  /** Path below the mount that a credential is read from: `creds/<role>` or `static-creds/<role>`. */
  readonly credentialsPath: pulumi.Input<string>;
  /** The permissions needed to read it. */
  readonly rules: readonly PolicyRuleArgs[];
  /** How long it is valid. @default - each reader gets one of its own, with a lease as long as Vault sets */
  readonly lifetime?: CredentialLifetime;
}

/** What is delivered from an engine that issues credentials. */
export interface DynamicSecretSettings extends Pick<VaultDynamicSecretSpec, "params"> {
  /** What issues the credential. The login must be allowed to request it. */
  readonly source: CredentialSource;
  /** The Kubernetes Secret. */
  readonly destination: Destination;
  /** Part of the lease after which it is renewed or replaced, 0 to 90, plus up to a tenth at random. @default 67 */
  readonly renewalPercent?: number;
  /** Whether the lease is revoked when the custom resource goes. @default true */
  readonly revoke?: boolean;
  /** How often a credential without a lease is requested. @default - when Vault says that it expires */
  readonly refreshAfter?: Duration;
  /** Workloads that are restarted when the credential changes. @default - none */
  readonly rolloutRestart?: readonly RolloutTarget[];
  /** How long `up` waits for the operator. @default "2m" */
  readonly timeout?: Duration;
}

/** A credential that Vault issues, as a Kubernetes Secret. */
export interface DynamicSecretArgs extends DynamicSecretSettings {
  /** The login that requests it; the Secret is in its namespace. */
  readonly auth: VaultAuth;
  /** Name of the custom resource. @default - the component's name */
  readonly objectName?: string;
}

/**
 * A credential that Vault issues, as a Kubernetes Secret; `up` waits until it has been written.
 * @example
 * new DynamicSecret(
 *   "vso-db-demo",
 *   { auth, source: database.role("dev-postgres"), destination: { kind: "existing", secret } },
 *   cluster,
 * );
 */
export class DynamicSecret extends pulumi.ComponentResource implements SyncedSecret {
  /** Name of the Secret; resolves once it has been written. */
  public readonly secretName: pulumi.Output<string>;
  /** Namespace of the Secret. */
  public readonly namespace: pulumi.Output<string>;
  /** The workloads that are restarted when it changes. */
  public readonly rolloutRestart: readonly RolloutTarget[];

  public constructor(name: string, args: DynamicSecretArgs, opts?: pulumi.ComponentResourceOptions) {
    super("vaultstack:delivery:DynamicSecret", name, {}, componentOptions(opts));
    rejectFaults(this, [
      ...dynamicSecretFaults(args),
      ...tokenEndFaults("auth", args.auth.tokenEnd, "source", args.source.lifetime),
    ]);
    const { source, renewalPercent = 67, refreshAfter } = args;
    const isRotated = source.lifetime?.kind === "rotation";
    const delivered = deliverSecret(
      this,
      name,
      args,
      (common) => ({
        kind: "VaultDynamicSecret",
        spec: {
          ...common,
          mount: source.mount,
          path: source.credentialsPath,
          renewalPercent,
          // The operator writes the object back without fields that are false, which would look like a manual change.
          ...(isRotated && { allowStaticCreds: true }),
          // A rotated login has no lease to revoke.
          ...(!isRotated && (args.revoke ?? true) && { revoke: true }),
          ...(refreshAfter !== undefined && { refreshAfter: `${toSeconds(refreshAfter)}s` }),
          ...(args.params !== undefined && { params: args.params }),
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

/** Every fault of a dynamic secret's arguments. */
export function dynamicSecretFaults(args: DynamicSecretSettings): string[] {
  const { source, renewalPercent = 67, refreshAfter, revoke, rolloutRestart = [], timeout } = args;
  const faults = [
    ...destinationFaults(args.destination),
    ...(refreshAfter === undefined ? [] : durationFaults("refreshAfter", refreshAfter)),
    ...(timeout === undefined ? [] : durationFaults("timeout", timeout)),
    ...rolloutFaults(rolloutRestart, true),
    ...renewalFaults({ renewalPercent, refreshAfter }, source.lifetime),
  ];
  if (!(Number.isInteger(renewalPercent) && renewalPercent >= 0 && renewalPercent <= 90)) {
    faults.push(fault("renewalPercent", "must be a whole number from 0 to 90", renewalPercent, "leave it out for 67"));
  }
  if (source.lifetime?.kind === "rotation" && revoke === true) {
    faults.push(fault("revoke", "must not be true for a static role, which has no lease", revoke, "leave it out"));
  }
  return faults;
}
