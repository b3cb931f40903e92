import type { JsonObject, PropertyMap } from "./property.ts";
import type { OperationLog } from "./provider.ts";
import type { PropertyRules } from "./schema.ts";

/** How one type of component behaves: a group of resources that the plugin, not the program, declares. */
export interface ComponentType {
  readonly inputs: PropertyRules;
  /** Declares the members and waits for them. Called with known inputs only: without them a preview shows no members. */
  readonly construct: (inputs: JsonObject, context: ComponentContext) => Promise<ComponentOutputs>;
}

/** Outputs of a component: lists of its members. */
export type ComponentOutputs = Readonly<Record<string, readonly RegisteredMember[]>>;

/** Circumstances of a construction. */
export interface ComponentContext {
  /** The component's name in the program. */
  readonly name: string;
  readonly log: OperationLog;
  /** Aborted when the run is cancelled. */
  readonly signal: AbortSignal;
  /** Declares a member of the component and waits until it exists. */
  readonly register: (member: ComponentMember) => Promise<RegisteredMember>;
}

/** A resource that a component declares. */
export interface ComponentMember {
  readonly type: string;
  readonly name: string;
  readonly inputs: PropertyMap;
  /** URNs of what must exist before and is deleted after it. */
  readonly dependencies: readonly string[];
  /** Stays where it is when it is deleted from the state. */
  readonly retainOnDelete: boolean;
}

/** A member that exists, or in a preview would. */
export interface RegisteredMember {
  readonly urn: string;
  /** Empty in the preview of a create. */
  readonly id: string;
}
