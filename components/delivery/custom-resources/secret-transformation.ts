import * as pulumi from "@pulumi/pulumi";
import { childOptions, componentOptions } from "../../shared/child-options.ts";
import { rejectFaults } from "../../../shared/errors.ts";
import { createCustomResource, type OperatorHandle, type SyncedObject } from "./custom-resource.ts";
import type { SecretTransformationSpec } from "./custom-resource-specs.ts";
import { patternFaults } from "./destination.ts";

/** A transformation that several secrets share. */
export interface SecretTransformationArgs extends Omit<SecretTransformationSpec, "includes" | "excludes"> {
  /** Name in the cluster. @default - the component's name */
  readonly objectName?: string;
  readonly operator: OperatorHandle;
  /** Namespace of the transformation. */
  readonly namespace: pulumi.Input<string>;
  /** Patterns of keys that are kept, as Go regular expressions. @default - all */
  readonly includes?: readonly string[];
  /** Patterns of keys that are left out, before anything is kept. @default - none */
  readonly excludes?: readonly string[];
}

/**
 * A transformation that several secrets share: which keys they keep, and what templates make of them.
 * @example
 * const urls = new SecretTransformation("urls", { operator, namespace, templates: { url: { text: "…" } } }, cluster);
 * // in a destination: transformation: { shared: [urls] }
 */
export class SecretTransformation extends pulumi.ComponentResource {
  /** The custom resource. */
  public readonly object: SyncedObject;

  public constructor(name: string, args: SecretTransformationArgs, opts?: pulumi.ComponentResourceOptions) {
    super("vaultstack:delivery:SecretTransformation", name, {}, componentOptions(opts));
    const { objectName, operator, namespace, ...spec } = args;
    rejectFaults(this, [
      ...patternFaults("includes", spec.includes ?? []),
      ...patternFaults("excludes", spec.excludes ?? []),
    ]);
    this.object = createCustomResource(
      `${name}-transformation`,
      { operator, kind: "SecretTransformation", name: objectName ?? name, namespace, spec },
      childOptions(this, opts),
    );
    this.registerOutputs({ objectName: this.object.name });
  }
}
