import type { SerializedProvider } from "./protocol-module.ts";

/**
 * A failure after something was done that Pulumi must remember. The engine saves the properties, shows the reasons
 * and calls `update` in the next run.
 */
export class PartialFailure extends Error {
  override readonly name = "PartialFailure";
  readonly id: string;
  readonly properties: object;
  readonly reasons: readonly string[];

  /**
   * @param inputs whose `__provider` must be saved with them: without it the next `destroy` or `refresh` has no code to
   * run.
   */
  constructor(
    id: string,
    inputs: SerializedProvider,
    properties: object,
    reasons: readonly string[],
    options?: ErrorOptions,
  ) {
    super(reasons.join("\n"), options);
    this.id = id;
    this.properties = { ...properties, ...(inputs.__provider === undefined ? {} : { __provider: inputs.__provider }) };
    this.reasons = reasons;
  }
}

/** The id of everything that belongs to one Vault. */
export function resourceId(target: { readonly namespace: string; readonly statefulSet: string }): string {
  return `${target.namespace}/${target.statefulSet}`;
}

/** The inputs without the code Pulumi stores beside them; Pulumi's own host adds it to every result. */
export function withoutProvider<T extends SerializedProvider>(inputs: T): Omit<T, "__provider"> {
  const properties = { ...inputs };
  Reflect.deleteProperty(properties, "__provider");
  return properties;
}
