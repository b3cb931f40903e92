import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { fault } from "../../../shared/errors.ts";
import { isDataKey, isSubdomain } from "../../../shared/kubernetes-name.ts";
import type { VaultStaticSecretSpec } from "./custom-resource-specs.ts";
import type { SyncedObject } from "./custom-resource.ts";

type DestinationSpec = VaultStaticSecretSpec["destination"];
type TransformationSpec = NonNullable<DestinationSpec["transformation"]>;

/** The Kubernetes Secret that the operator writes. */
export type Destination = DestinationWriting &
  (
    | ({
        /** The operator creates the Secret, and deletes it with its custom resource. */
        readonly kind: "create";
        /** Name of the Secret. */
        readonly name: string;
      } & Pick<DestinationSpec, "labels" | "annotations" | "type" | "overwrite">)
    | {
        /** The Secret is there already; the operator writes its data and leaves it behind. */
        readonly kind: "existing";
        readonly secret: k8s.core.v1.Secret;
      }
  );

interface DestinationWriting {
  /** What is written. @default - every key, and Vault's whole response under `_raw` */
  readonly transformation?: Transformation;
}

/** What is written of Vault's response. Excludes go first, then includes; templates are always written. */
export interface Transformation extends Pick<TransformationSpec, "excludeRaw" | "templates"> {
  /** Patterns of keys that are kept, as Go regular expressions. @default - all */
  readonly includes?: readonly string[];
  /** Patterns of keys that are left out. @default - none */
  readonly excludes?: readonly string[];
  /** Transformations shared with other secrets. @default - none */
  readonly shared?: readonly { readonly object: SyncedObject }[];
}

/** A workload that is restarted when the Secret changes. It need not exist yet. */
export interface RolloutTarget {
  readonly kind: "Deployment" | "DaemonSet" | "StatefulSet" | "argo.Rollout";
  /** Name in the namespace of the Secret. */
  readonly name: string;
}

/**
 * Renders a destination for its custom resource.
 * @param destination The destination; check it with {@link destinationFaults}.
 */
export function destinationSpec(destination: Destination, name: pulumi.Input<string>): DestinationSpec {
  const transformation = transformationSpec(destination.transformation ?? {});
  if (destination.kind === "existing") return { name, create: false, transformation };
  const { labels, annotations, type, overwrite } = destination;
  return {
    name,
    create: true,
    transformation,
    ...(labels !== undefined && { labels }),
    ...(annotations !== undefined && { annotations }),
    ...(type !== undefined && { type }),
    ...(overwrite !== undefined && { overwrite }),
  };
}

/**
 * Name of the Secret.
 * @returns The name; for an existing Secret, it resolves once that exists.
 */
export function destinationName(destination: Destination): pulumi.Input<string> {
  return destination.kind === "existing" ? destination.secret.metadata.name : destination.name;
}

/** Every fault of a destination. */
export function destinationFaults(destination: Destination): string[] {
  const { includes = [], excludes = [], templates = {} } = destination.transformation ?? {};
  const faults = [
    ...patternFaults("destination.transformation.includes", includes),
    ...patternFaults("destination.transformation.excludes", excludes),
    ...Object.keys(templates)
      .filter((key) => !isDataKey(key))
      .map((key) => dataKeyFault(`destination.transformation.templates.${key}`, key)),
  ];
  if (destination.kind === "create" && !isSubdomain(destination.name)) {
    faults.push(
      fault(
        "destination.name",
        "must be a Kubernetes name",
        destination.name,
        "use lower-case letters, digits, dots and dashes",
      ),
    );
  }
  return faults;
}

/** Where the operator puts Vault's whole response; it refuses a secret that has such a key. */
const wholeAnswer = "_raw";

/**
 * Every fault of the keys that a secret is known to have and that would be written unchanged.
 * @param keys Keys of the secret in Vault.
 */
export function deliveredKeyFaults(at: string, keys: readonly string[], transformation: Transformation = {}): string[] {
  const { includes = [], excludes = [], shared = [] } = transformation;
  const raw = keys.filter((key) => key === wholeAnswer);
  const isWritten = (key: string): boolean =>
    !matches(excludes, key, true) && (includes.length === 0 || matches(includes, key, false));
  const written = keys.filter(isWritten);
  const wrong = shared.length > 0 ? [] : written.filter((key) => key !== wholeAnswer && !isDataKey(key));
  return [...raw, ...wrong].map((key) => dataKeyFault(`${at}.${key}`, key));
}

function matches(patterns: readonly string[], key: string, unless: boolean): boolean {
  return patterns.some((pattern) => {
    try {
      return new RegExp(pattern).test(key);
    } catch {
      // A Go-specific expression: whether it matches is not known here, so the key gets the benefit of the doubt.
      return unless;
    }
  });
}

function dataKeyFault(at: string, key: string): string {
  const rule = `must be a key that a Kubernetes Secret can have, other than ${wholeAnswer}`;
  return fault(at, rule, key, "use at most 253 letters, digits, dots, dashes and underscores");
}

/**
 * Every fault of a list of patterns.
 * @param patterns The patterns, as Go regular expressions.
 */
export function patternFaults(at: string, patterns: readonly string[]): string[] {
  return patterns.flatMap((pattern, index) => {
    const path = `${at}[${index}]`;
    if (pattern === "") return [fault(path, "must not be empty, which matches every key", pattern, "remove it")];
    try {
      new RegExp(pattern);
      return [];
    } catch {
      // JavaScript does not know Go's inline flags, but nothing else begins like this.
      return pattern.startsWith("(?") ? [] : [fault(path, "must be a regular expression", pattern, "correct it")];
    }
  });
}

/**
 * Every fault of the workloads to restart.
 * @param knowsChanges Whether the operator compares contents; otherwise it restarts nothing.
 */
export function rolloutFaults(targets: readonly RolloutTarget[], knowsChanges: boolean): string[] {
  const faults = targets.flatMap(({ kind, name }, index) => {
    const twice = targets.findIndex((other) => other.kind === kind && other.name === name) < index;
    return twice ? [fault(`rolloutRestart[${index}]`, "must be listed once", `${kind}/${name}`, "remove one")] : [];
  });
  if (targets.length > 0 && !knowsChanges) {
    faults.push(
      fault(
        "hmacSecretData",
        "must be true with rolloutRestart",
        false,
        "leave it out: the operator restarts nothing without it",
      ),
    );
  }
  return faults;
}

function transformationSpec({ shared = [], ...own }: Transformation): TransformationSpec {
  return {
    ...own,
    ...(shared.length > 0 && {
      transformationRefs: shared.map(({ object }) => ({ name: object.name, namespace: object.namespace })),
    }),
  };
}
