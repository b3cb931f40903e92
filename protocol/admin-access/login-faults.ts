import type { Faults } from "../frame/faults.ts";

/** Checks a login by AppRole; its halves are never shown. */
export function loginFaults(
  faults: Faults,
  inputs: Readonly<Record<"authPath" | "roleId" | "secretId", unknown>>,
): void {
  faults.text("authPath", inputs.authPath);
  for (const property of ["roleId", "secretId"] as const) {
    const value = inputs[property];
    faults.expect(property, value, typeof value === "string" && value !== "", "be half of a login");
  }
}
