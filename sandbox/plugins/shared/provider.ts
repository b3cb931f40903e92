import type { DraftObject, JsonObject } from "./property.ts";
import type { Fault, PropertyRules } from "./schema.ts";
import type { Change } from "./structural-diff.ts";

/** A stand-in provider: what `serve` turns into a plugin process. */
export interface Provider {
  /** Package name: the first part of its type tokens. */
  readonly name: string;
  /** Version of the official plugin whose place it takes. */
  readonly version: string;
  readonly config: ProviderConfig;
  /** The resource type of a token; undefined when the stand-in does not cover it, which fails the resource. */
  readonly resourceType: (token: string) => ResourceType | undefined;
  /** Called once before the process ends. @default - nothing to release */
  readonly close?: () => void;
}

/** The settings of a provider resource. */
interface ProviderConfig {
  /** The settings covered. Values that are not strings may arrive as JSON text, as SDKs send them. */
  readonly properties: PropertyRules;
  /** Faults that concern several settings. Parts may be unknown. @default - none */
  readonly faults?: (config: DraftObject) => readonly Fault[];
  /**
   * Takes the settings; called once before any resource, and never while a setting is unknown. Must not contact
   * anything.
   */
  readonly configure: (config: JsonObject, host: PluginHost) => void | Promise<void>;
}

/** What a provider may use of the process it runs in. */
export interface PluginHost {
  /** Keeps a secret out of every log and error text: one the provider obtained itself, or one inside a setting. */
  readonly protect: (secret: string) => void;
}

/** How one type of resource behaves. Inputs arrive with defaults filled in and secrets revealed. */
export interface ResourceType {
  readonly inputs: PropertyRules;
  /**
   * Outputs that are not inputs, or inputs whose value the server may change.
   * Unknown in the preview of a create; the secret ones are encrypted in the state.
   */
  readonly outputs: Readonly<Record<string, OutputRule>>;
  /** When replacing, delete the old one first, because both cannot exist at once. @default false */
  readonly deleteBeforeReplace?: boolean;
  /**
   * Rewrites and validates inputs beyond the rules; parts may be unknown. Runs after defaults.
   * @default - only the rules hold
   */
  readonly check?: (news: DraftObject) => CheckResult | Promise<CheckResult>;
  /** What changes. @default - {@link structuralDiff} of the inputs */
  readonly diff?: (request: DiffRequest) => DiffResult | Promise<DiffResult>;
  readonly create: (inputs: JsonObject, context: OperationContext) => Promise<ResourceState>;
  /** The live state, or undefined when it is gone. `inputs` and `outputs` are empty on import. */
  readonly read: (request: ReadRequest, context: OperationContext) => Promise<LiveState | undefined>;
  /** Changes it in place and returns all outputs. @default - every change of an input replaces */
  readonly update?: (request: UpdateRequest, context: OperationContext) => Promise<JsonObject>;
  /** Removes it; succeeds when it is gone already. */
  readonly delete: (request: DeleteRequest, context: OperationContext) => Promise<void>;
}

/** What a stand-in knows of an output. */
export interface OutputRule {
  /** Encrypted in the state. @default false */
  readonly secret?: boolean;
  /** Does not change when the resource is updated, so a preview of an update can show it. @default true */
  readonly stable?: boolean;
}

/** The outcome of a `check`. */
export interface CheckResult {
  readonly inputs: DraftObject;
  readonly faults: readonly Fault[];
}

/** What is compared. */
export interface DiffRequest {
  readonly id: string;
  readonly urn: string;
  readonly type: string;
  readonly oldInputs: DraftObject;
  readonly oldOutputs: DraftObject;
  readonly news: DraftObject;
}

/** The outcome of a `diff`; no changes means nothing is to be done. */
export interface DiffResult {
  readonly changes: readonly Change[];
  /** Overrides the type's own setting for this change. @default - the type's */
  readonly deleteBeforeReplace?: boolean;
}

/** A resource that exists. */
export interface ResourceState {
  readonly id: string;
  /** All outputs; the inputs are added by the framework where the outputs do not name them. */
  readonly outputs: JsonObject;
}

/** A resource as it was found. */
export interface LiveState extends ResourceState {
  /**
   * The inputs as they are live. A null says that the server has no such value any more.
   * @default - the stored inputs, each replaced by the output of its name where that differs in meaning;
   * on import, every output that is an input and not its default
   */
  readonly inputs?: JsonObject;
}

/** What is read: by its id alone on import. */
export interface ReadRequest {
  readonly id: string;
  readonly inputs: JsonObject;
  readonly outputs: JsonObject;
}

/** What is updated. */
export interface UpdateRequest {
  readonly id: string;
  readonly news: JsonObject;
  readonly oldInputs: JsonObject;
  readonly oldOutputs: JsonObject;
}

/** What is deleted. */
export interface DeleteRequest {
  readonly id: string;
  readonly inputs: JsonObject;
  readonly outputs: JsonObject;
}

/** Circumstances of an operation on a real resource. */
export interface OperationContext {
  readonly urn: string;
  readonly type: string;
  /** The resource's name in the program. */
  readonly name: string;
  /** Aborted when the run is cancelled. */
  readonly signal: AbortSignal;
  readonly log: OperationLog;
}

/** Messages of one resource on the console. Secrets are removed from them. */
export interface OperationLog {
  /** The status column of the resource: replaced by the next one, not kept. */
  readonly status: (message: string) => void;
  readonly info: (message: string) => void;
  readonly warning: (message: string) => void;
}
