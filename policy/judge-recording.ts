import type { Recording } from "../graph/recorder.ts";
import { rules } from "./rules/index.ts";
import { type JudgedResource, violations } from "./rules/rule.ts";

/** A rule that is broken. */
export interface BrokenRule {
  readonly rule: string;
  readonly type: string;
  readonly name: string;
  readonly fault: string;
}

/**
 * Applies all rules to a recorded graph, as the engine would apply the pack.
 * @returns What breaks them; empty when nothing does.
 */
export function brokenRules(recording: Pick<Recording, "resources" | "outputs">): BrokenRule[] {
  const resources: readonly JudgedResource[] = [
    // Protecting a resource is an option of the engine; no stack uses it.
    ...recording.resources.map(({ type, name, inputs }) => ({ type, name, inputs, isProtected: false })),
    { type: "pulumi:pulumi:Stack", name: "stack", inputs: recording.outputs, isProtected: false },
  ];
  return rules.flatMap((rule) =>
    violations(rule, resources).map(({ resource: { type, name }, fault }) => ({ rule: rule.name, type, name, fault })),
  );
}
