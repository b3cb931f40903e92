import * as pulumi from "@pulumi/pulumi";
import { claimFaults } from "../shared/claims.ts";
import { rejectFaults } from "../shared/errors.ts";
import type { VaultAuth } from "./vault-auth.ts";
import { type Destination, destinationName, type RolloutTarget } from "./destination.ts";
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
 * Takes a Secret for one custom resource: a second one would overwrite it without a word.
 * @param component What is about to have it written.
 * @param namespace Its namespace.
 * @param destination The Secret.
 * @returns Its name; resolves to a fault when another component of the program has it written.
 */
export function claimSecret(
  component: pulumi.Resource,
  namespace: pulumi.Input<string>,
  destination: Destination,
): pulumi.Output<string> {
  return pulumi.all([namespace, destinationName(destination)]).apply(([place, name]) => {
    rejectFaults(component, claimFaults(component, "delivered Secret", `${place}/${name}`, "destination"));
    return name;
  });
}

/**
 * How a secret refers to its login method.
 * @param auth The login method.
 * @returns Namespace and name, once it exists.
 */
export function authReference(auth: VaultAuth): pulumi.Output<string> {
  return pulumi.interpolate`${auth.object.namespace}/${auth.object.name}`;
}
