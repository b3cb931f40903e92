import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { standardLabels } from "../../../shared/labels.ts";
import { type Duration, toSeconds } from "../../../shared/units.ts";
import { type CustomResourceKind, type CustomResourceSpecs, customResourceVersion } from "./custom-resource-specs.ts";
import type { RolloutTarget } from "./destination.ts";
import { RolloutTargets } from "../rollout-targets.ts";
import { Sync } from "./sync.ts";

/** The operator, as its custom resources need it. */
export interface OperatorHandle {
  /** Context of the kubeconfig, for checking what the operator did. */
  readonly kubeContext: string;
  /** What must exist before a custom resource and may only be removed after it: the operator removes the finalizers. */
  readonly installed: readonly pulumi.Resource[];
}

/**
 * An operator that somebody else has installed in the cluster. There can be only one: it watches every namespace.
 * @param kubeContext Context of the kubeconfig.
 * @returns The handle that custom resources take.
 */
export function existingOperator(kubeContext: string): OperatorHandle {
  return { kubeContext, installed: [] };
}

/** One custom resource of the operator. */
export interface CustomResourceArgs<Kind extends CustomResourceKind> {
  readonly operator: OperatorHandle;
  readonly kind: Kind;
  /** Name in the cluster. */
  readonly name: string;
  readonly namespace: pulumi.Input<string>;
  readonly spec: CustomResourceSpecs[Kind];
  /** @default - only those of this project */
  readonly labels?: Readonly<Record<string, string>>;
  /** Workloads of its namespace that the operator restarts. @default - none */
  readonly rolloutRestart?: readonly RolloutTarget[];
  /** How long `up` waits for the operator, and then for the workloads it restarts. @default "2m" */
  readonly timeout?: Duration;
}

/** A custom resource, as other resources refer to it; each output resolves once the operator is done with it. */
export interface SyncedObject {
  readonly name: pulumi.Output<string>;
  readonly namespace: pulumi.Output<string>;
  /** What comes after it depends on this. */
  readonly resource: pulumi.Resource;
}

/** If the operator is down, Pulumi would otherwise wait ten minutes for a deletion. */
const deleteTimeout = "3m";

/**
 * Creates a custom resource and waits until the operator has done what it asks for.
 * @param name Name of the resource in the program.
 * @param child Options of the component that creates it.
 * @returns The custom resource, once it is synced.
 */
export function createCustomResource<Kind extends CustomResourceKind>(
  name: string,
  args: CustomResourceArgs<Kind>,
  child: pulumi.CustomResourceOptions,
): SyncedObject {
  const { operator, kind, spec, rolloutRestart = [], timeout = "2m" } = args;
  const labels = {
    ...standardLabels({ name: args.name, instance: args.name, component: "secret-delivery" }),
    ...args.labels,
  };
  const options = pulumi.mergeOptions(child, {
    dependsOn: [...operator.installed],
    customTimeouts: { delete: deleteTimeout },
  });
  const object = new k8s.apiextensions.CustomResource(
    name,
    {
      apiVersion: customResourceVersion,
      kind,
      metadata: { name: args.name, namespace: args.namespace, labels },
      spec,
    },
    options,
  );
  const sync = new Sync(
    `${name}-sync`,
    {
      kubeContext: operator.kubeContext,
      apiVersion: customResourceVersion,
      kind,
      namespace: object.metadata.namespace,
      name: object.metadata.name,
      uid: object.metadata.uid,
      generation: object.metadata.generation,
      timeoutSeconds: toSeconds(timeout),
    },
    child,
  );
  // The id, and not whether it is synced: of a resource that is about to be updated, a preview knows the id, and
  // resources that only refer to it by name show no change.
  const once = (text: pulumi.Output<string>): pulumi.Output<string> =>
    pulumi.all([text, sync.id]).apply(([known]) => known);
  if (rolloutRestart.length > 0) {
    new RolloutTargets(
      `${name}-rollout`,
      {
        kubeContext: operator.kubeContext,
        secret: `${kind} ${args.name}`,
        namespace: once(object.metadata.namespace),
        targets: rolloutRestart.map(({ kind: targetKind, name: target }) => ({ kind: targetKind, name: target })),
        timeoutSeconds: toSeconds(timeout),
      },
      child,
    );
  }
  return { name: once(object.metadata.name), namespace: once(object.metadata.namespace), resource: sync };
}
