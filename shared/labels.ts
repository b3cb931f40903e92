/** What an object is, for its labels. */
export interface LabelArgs {
  /** The application the object runs or serves, such as `vault`. */
  readonly name: string;
  /** Which one of them, unique in its namespace. */
  readonly instance: string;
  /** The part it plays in the whole, such as `server`. */
  readonly component: string;
}

/**
 * Labels that pick an application's pods. They are immutable on a StatefulSet, so nothing that can change is among
 * them.
 */
export interface SelectorLabels extends Record<string, string> {
  readonly "app.kubernetes.io/name": string;
  readonly "app.kubernetes.io/instance": string;
}

/** Labels that pick the pods of one application. */
export function selectorLabels({ name, instance }: Pick<LabelArgs, "name" | "instance">): SelectorLabels {
  return { "app.kubernetes.io/name": name, "app.kubernetes.io/instance": instance };
}

/**
 * The labels that every object of this project carries.
 * @returns The recommended labels of Kubernetes, which include those of {@link selectorLabels}.
 */
export function standardLabels(args: LabelArgs): Record<string, string> {
  return {
    ...selectorLabels(args),
    "app.kubernetes.io/component": args.component,
    "app.kubernetes.io/part-of": "vaultstack",
    "app.kubernetes.io/managed-by": "pulumi",
  };
}

/** Keeps Pulumi from waiting for readiness, which a sealed Vault cannot reach. */
export const skipAwait = { "pulumi.com/skipAwait": "true" } as const;
