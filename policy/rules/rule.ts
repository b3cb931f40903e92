/** A resource as a rule sees it, whether recorded or reported by the engine. */
export interface JudgedResource {
  /** Type token, such as `kubernetes:apps/v1:StatefulSet`. */
  readonly type: string;
  readonly name: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  /** Whether the engine refuses to delete it. */
  readonly isProtected: boolean;
}

/** What is wrong with a resource. */
export interface Violation {
  readonly resource: Pick<JudgedResource, "type" | "name">;
  /** In the form of every fault: what must hold, what was got, what to do. */
  readonly fault: string;
}

/** What must hold for each resource by itself; the engine is told before it creates the resource. */
export interface ResourceRule {
  readonly kind: "resource";
  /** Lower case with dashes. */
  readonly name: string;
  /** What must hold, and why. */
  readonly description: string;
  /**
   * Judges one resource of any type.
   * @returns Its faults; none for one the rule is not about.
   */
  readonly judge: (resource: JudgedResource) => readonly string[];
}

/** What must hold for a stack as a whole; the engine is told at the end of a preview or of an update. */
export interface StackRule {
  readonly kind: "stack";
  readonly name: string;
  readonly description: string;
  /** Judges all resources together. */
  readonly judge: (resources: readonly JudgedResource[]) => readonly Violation[];
}

/** A rule of the pack. */
export type Rule = ResourceRule | StackRule;

/** Applies a rule to all resources of a stack. */
export function violations(rule: Rule, resources: readonly JudgedResource[]): Violation[] {
  if (rule.kind === "stack") return [...rule.judge(resources)];
  return resources.flatMap((resource) => rule.judge(resource).map((fault) => ({ resource, fault })));
}

/**
 * A part of an object whose shape is not known.
 * @param path Names of the parts, outermost first.
 * @returns The part; undefined where there is none.
 */
export function part(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (inner, key) => (typeof inner === "object" && inner !== null ? (inner as Record<string, unknown>)[key] : undefined),
    value,
  );
}

/**
 * A part that is a list.
 * @param path Names of the parts, outermost first.
 * @returns The list; empty where there is none.
 */
export function list(value: unknown, ...path: readonly string[]): readonly unknown[] {
  const found = part(value, ...path);
  return Array.isArray(found) ? found : [];
}
