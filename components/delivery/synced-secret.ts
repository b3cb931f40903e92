import * as pulumi from "@pulumi/pulumi";
import type { VaultAuth } from "./vault-auth.ts";
import type { RolloutTarget } from "./destination.ts";
import type { SyncedObject } from "./custom-resource.ts";

/** A Kubernetes Secret that the operator keeps up to date, as a workload needs it. */
export interface SyncedSecret {
  /** Name of the Secret; resolves once it has been written. */
  readonly secretName: pulumi.Output<string>;
  /** Namespace of the Secret. */
  readonly namespace: pulumi.Output<string>;
  /** The workloads that are restarted when it changes. */
  readonly rolloutRestart: readonly RolloutTarget[];
}

/**
 * The Secret of a custom resource.
 * @param object The custom resource.
 * @param name Name of the Secret.
 * @param rolloutRestart The workloads that are restarted when it changes.
 * @returns What workloads take.
 */
export function syncedSecret(
  object: SyncedObject,
  name: pulumi.Input<string>,
  rolloutRestart: readonly RolloutTarget[],
): SyncedSecret {
  return {
    secretName: pulumi.all([name, object.name]).apply(([secretName]) => secretName),
    namespace: object.namespace,
    rolloutRestart,
  };
}

/**
 * How a secret refers to its login method.
 * @param auth The login method.
 * @returns Namespace and name, once it exists.
 */
export function authReference(auth: VaultAuth): pulumi.Output<string> {
  return pulumi.interpolate`${auth.object.namespace}/${auth.object.name}`;
}
