import * as pulumi from "@pulumi/pulumi";
import type { KvSecret } from "../../engines/kv/kv.ts";
import { childOptions, componentOptions } from "../../shared/child-options.ts";
import { fault, rejectFaults } from "../../../shared/errors.ts";
import { durationFaults, toSeconds, type Duration } from "../../../shared/units.ts";
import type { VaultStaticSecretSpec } from "./custom-resource-specs.ts";
import {
  deliveredKeyFaults,
  type Destination,
  destinationFaults,
  rolloutFaults,
  type RolloutTarget,
} from "./destination.ts";
import { deliverSecret, type SyncedSecret } from "./synced-secret.ts";
import type { VaultAuth } from "./vault-auth.ts";

/** What is delivered from a KV version 2 store. */
export interface StaticSecretSettings extends Pick<VaultStaticSecretSpec, "syncConfig"> {
  /** The secret. The login must be allowed to read it. */
  readonly source: KvSecret;
  /** The Kubernetes Secret. */
  readonly destination: Destination;
  /** How often the operator reads the secret; a change arrives after 80 to 90 % of that. @default "60s" */
  readonly refreshAfter?: Duration;
  /** Version of the secret that is delivered. @default - the newest */
  readonly version?: number;
  /**
   * Workloads that are restarted when the Secret changes.
   * @default - none: they see a changed file by themselves, but never a changed variable
   */
  readonly rolloutRestart?: readonly RolloutTarget[];
  /** Whether the operator compares contents, so that it notices a Secret that was changed by hand. @default true */
  readonly hmacSecretData?: boolean;
  /** How long `up` waits for the operator. @default "2m" */
  readonly timeout?: Duration;
}

/** A secret of a KV version 2 store as a Kubernetes Secret. */
export interface StaticSecretArgs extends StaticSecretSettings {
  /** The login that reads it; the Secret is in its namespace. */
  readonly auth: VaultAuth;
  /** Name of the custom resource. @default - the component's name */
  readonly objectName?: string;
}

/**
 * A secret of a KV version 2 store as a Kubernetes Secret; `up` waits until it has been written.
 * @example
 * new StaticSecret(
 *   "vault-kv-app",
 *   { auth, source: kv.secret("webapp/config"), destination: { kind: "create", name: "secretkv" } },
 *   cluster,
 * );
 */
export class StaticSecret extends pulumi.ComponentResource implements SyncedSecret {
  /** Name of the Secret; resolves once it has been written. */
  public readonly secretName: pulumi.Output<string>;
  /** Namespace of the Secret. */
  public readonly namespace: pulumi.Output<string>;
  /** The workloads that are restarted when it changes. */
  public readonly rolloutRestart: readonly RolloutTarget[];

  public constructor(name: string, args: StaticSecretArgs, opts?: pulumi.ComponentResourceOptions) {
    super("vaultstack:delivery:StaticSecret", name, {}, componentOptions(opts));
    rejectFaults(this, staticSecretFaults(args));
    const { source, refreshAfter = "60s", hmacSecretData = true } = args;
    const path = pulumi.output(source.seededKeys ?? []).apply((keys) => {
      rejectFaults(this, deliveredKeyFaults("source", keys, args.destination.transformation));
      return source.name;
    });
    const delivered = deliverSecret(
      this,
      name,
      args,
      (common) => ({
        kind: "VaultStaticSecret",
        spec: {
          ...common,
          type: "kv-v2",
          mount: source.mount,
          path,
          // The operator does not accept days.
          refreshAfter: `${toSeconds(refreshAfter)}s`,
          hmacSecretData,
          ...(args.version !== undefined && { version: args.version }),
          ...(args.syncConfig !== undefined && { syncConfig: args.syncConfig }),
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

/** Every fault of a static secret's arguments. */
export function staticSecretFaults(args: Omit<StaticSecretSettings, "source">): string[] {
  const { refreshAfter = "60s", version, rolloutRestart = [], hmacSecretData = true } = args;
  const faults = [
    ...destinationFaults(args.destination),
    ...durationFaults("refreshAfter", refreshAfter),
    ...(args.timeout === undefined ? [] : durationFaults("timeout", args.timeout)),
    ...rolloutFaults(rolloutRestart, hmacSecretData),
  ];
  if (version !== undefined && !(Number.isInteger(version) && version >= 1)) {
    faults.push(fault("version", "must be a whole number from 1", version, "leave it out for the newest"));
  }
  return faults;
}
