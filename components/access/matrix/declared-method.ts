import type { z } from "zod";
import { fault } from "../../../shared/errors.ts";
import type { DeclaredResource } from "./access-reader.ts";

/** A kind of login method whose settings apply to all its roles. */
export interface MethodKind<Method extends { readonly path: string }> {
  /** Type of the resource. */
  readonly type: string;
  readonly schema: z.ZodType<Method>;
  /** Component that declares one, for the error. */
  readonly component: string;
}

/**
 * The login method that a role, a group or a person belongs to.
 * @param backend Path of the method.
 * @throws {Error} When the method is not among them, or has a setting that is not understood.
 */
export function declaredMethod<Method extends { readonly path: string }>(
  resources: readonly DeclaredResource[],
  backend: string,
  { type, schema, component }: MethodKind<Method>,
): Method {
  const method = resources
    .filter((resource) => resource.type === type)
    .map(({ inputs }) => schema.parse(inputs))
    .find(({ path }) => path === backend);
  if (method !== undefined) return method;
  throw new Error(
    fault(`auth/${backend}`, "must be a login method of the stack", backend, `declare it by ${component}`),
  );
}
