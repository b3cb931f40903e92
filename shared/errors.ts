import * as pulumi from "@pulumi/pulumi";

/**
 * Writes one fault in the form every error of this project has.
 * @param path Where the value stands, in the caller's own words, such as `roles.webapp.audience`.
 * @param rule What must hold, such as `must be a whole number from 1 to 255`.
 * @param got The offending value; pass {@link hidden} for one that may be secret.
 * @returns `<path>: <rule>, got <got>; <remedy>`.
 */
export function fault(path: string, rule: string, got: unknown, remedy: string): string {
  return `${path}: ${rule}, got ${describe(got)}; ${remedy}`;
}

/** Stands in a fault for a value that must not be shown. */
export const hidden = Symbol("a value that must not be shown");

/**
 * Refuses a component's arguments, with all their faults in one error and without a stack trace.
 * @param component The component whose arguments were checked; the error is shown on it.
 * @param faults Every fault found; none means nothing happens.
 * @throws {pulumi.ResourceError} When there is at least one fault.
 */
export function rejectFaults(component: pulumi.Resource, faults: readonly string[]): void {
  if (faults.length > 0) throw new pulumi.ResourceError(faults.join("\n"), component, true);
}

function describe(value: unknown): string {
  if (value === hidden) return "a value that is not shown";
  if (value === undefined) return "nothing";
  if (typeof value === "number") return String(value);
  return JSON.stringify(value);
}
