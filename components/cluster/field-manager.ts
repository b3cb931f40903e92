import * as pulumi from "@pulumi/pulumi";
import { fieldManagerAnnotation } from "./field-manager-annotation.ts";
import type { StatefulSet } from "../../kube/kube-objects.ts";

/** Maximum length of a name that the API server accepts. */
const longest = 128;

/** The name that the plugin makes up for an object that gives none, and keeps in the state. */
const madeUp = /^pulumi-kubernetes-[0-9a-f]{8}$/;

/**
 * The name under which the running stack owns fields of objects; it stays the same after its state was lost. Anyone
 * with a state of their own under another name remains another manager, and cannot take fields over unnoticed.
 * @returns `<project>-<stack>`.
 */
export function fieldManager(): string {
  return `${pulumi.getProject()}-${pulumi.getStack()}`.slice(0, longest);
}

/**
 * Whether an object was created when the plugin still made up names. Under another manager name its lists, into which
 * the server has written defaults, would conflict with themselves. Pure.
 * @param object The object; null for none.
 * @param manager The name under which it is owned now.
 */
export function hasMadeUpManager(object: StatefulSet | null, manager: string): boolean {
  const managers = (object?.metadata.managedFields ?? []).map((entry) => entry.manager ?? "");
  return managers.some((name) => madeUp.test(name)) && !managers.includes(manager);
}

/**
 * Makes every Kubernetes object that is declared from now on owned under {@link fieldManager}, including those of
 * charts.
 */
export function ownFieldsByName(): void {
  pulumi.runtime.registerStackTransformation(({ type, props, opts }) => {
    if (type === chartType) return { props: withManagerOfChart(props, fieldManager()), opts };
    if (!type.startsWith("kubernetes:")) return undefined;
    const metadata = withFieldManager(props["metadata"] as Metadata | undefined, fieldManager());
    return { props: { ...props, metadata }, opts };
  });
}

/** A chart is not an object itself but declares some, which its post-renderer sees. */
const chartType = "kubernetes:helm.sh/v4:Chart";

function withManagerOfChart(props: pulumi.Inputs, manager: string): pulumi.Inputs {
  const postRenderer = props["postRenderer"] as { readonly args: readonly string[] } | undefined;
  return postRenderer === undefined
    ? props
    : { ...props, postRenderer: { ...postRenderer, args: [...postRenderer.args, manager] } };
}

/** Metadata of an object, as a program declares it. */
export interface Metadata {
  readonly [field: string]: unknown;
  readonly annotations?: pulumi.Input<Readonly<Record<string, pulumi.Input<string>>> | undefined>;
}

/**
 * Adds the name under which an object's fields are owned. Pure; what is not known yet remains the only thing that is
 * not known.
 * @param metadata As it was declared.
 */
export function withFieldManager(metadata: Metadata | undefined, manager: string): Metadata {
  const annotations = metadata?.annotations;
  const named = { [fieldManagerAnnotation]: manager };
  if (!pulumi.Output.isInstance(annotations) && !(annotations instanceof Promise)) {
    return { ...metadata, annotations: { ...annotations, ...named } };
  }
  return { ...metadata, annotations: pulumi.output(annotations).apply((known) => ({ ...known, ...named })) };
}
