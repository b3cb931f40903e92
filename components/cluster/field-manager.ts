import * as pulumi from "@pulumi/pulumi";
import { fieldManagerAnnotation } from "./field-manager-annotation.ts";

/** What the API server takes for a name at most. */
const longest = 128;

/**
 * Under which name the running stack owns fields of objects: the same after its state was lost. Who has a state of its own under
 * another name stays another manager, and cannot take fields over unseen.
 * @returns `<project>-<stack>`.
 */
export function fieldManager(): string {
  return `${pulumi.getProject()}-${pulumi.getStack()}`.slice(0, longest);
}

/** Has every Kubernetes object that is declared from now on owned under {@link fieldManager}, but those of charts. */
export function ownFieldsByName(): void {
  pulumi.runtime.registerStackTransformation(({ type, props, opts }) => {
    if (!isObject(type)) return undefined;
    const metadata = withFieldManager(props["metadata"] as Metadata | undefined, fieldManager());
    return { props: { ...props, metadata }, opts };
  });
}

/** Metadata of an object, as a program declares it. */
export interface Metadata {
  readonly [field: string]: unknown;
  readonly annotations?: pulumi.Input<Readonly<Record<string, pulumi.Input<string>>> | undefined>;
}

/**
 * Adds the name by which an object's fields are owned. Pure; what is not known yet stays the only thing that is not known.
 * @param metadata As it was declared.
 * @param manager The name.
 */
export function withFieldManager(metadata: Metadata | undefined, manager: string): Metadata {
  const annotations = metadata?.annotations;
  const named = { [fieldManagerAnnotation]: manager };
  if (!pulumi.Output.isInstance(annotations) && !(annotations instanceof Promise)) {
    return { ...metadata, annotations: { ...annotations, ...named } };
  }
  return { ...metadata, annotations: pulumi.output(annotations).apply((known) => ({ ...known, ...named })) };
}

/** A chart is none, but its plugin's component; nor is the provider. */
function isObject(type: string): boolean {
  return type.startsWith("kubernetes:") && !type.startsWith("kubernetes:helm.sh/");
}
