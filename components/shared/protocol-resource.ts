import * as pulumi from "@pulumi/pulumi";
import { notKnownYet } from "../../shared/not-known-yet.ts";
import { protocolVersions, type ResourceType } from "../../protocol/door.ts";
import { protocolProvider } from "../../protocol/protocol-provider.ts";

type Given<Inputs> = { readonly [Name in keyof Inputs]: pulumi.Input<Inputs[Name]> };

/** What a program gives a dynamic resource: its inputs, each of which may come from another resource. */
export type ArgsOf<Inputs> = Given<Omit<Inputs, "__provider" | "protocolVersion">>;

/** What a dynamic resource is, besides its name. */
export interface ProtocolResourceArgs {
  /** What it is; the state names it. */
  readonly type: ResourceType;
  readonly inputs: Readonly<Record<string, unknown>>;
  /** Names of the outputs that are no inputs. @default - none */
  readonly outputs?: readonly string[];
  /**
   * Names of outputs that are encrypted in the state: the engine marks one secret only where an input of the same name is.
   * @default - none
   */
  readonly secrets?: readonly string[];
}

/**
 * What all dynamic resources of this project have in common: a body behind the door of `protocol/`, and inputs that a preview can take.
 *
 * In a preview, an output of another resource may turn out to be absent: of an object whose spec is not known yet, a provider
 * knows no more than what the program said of it. Absent stands for not known yet then, and the body is told so. In an `up` an
 * input that is absent is a fault.
 */
export abstract class ProtocolResource<Inputs, Outputs> extends pulumi.dynamic.Resource {
  protected constructor(name: string, args: ProtocolResourceArgs, opts?: pulumi.CustomResourceOptions) {
    const { type, inputs, outputs = [], secrets = [] } = args;
    const [module, ofModule] = type.split(":");
    const protocolVersion = protocolVersions[type];
    const versioned = protocolVersion === undefined ? inputs : { ...inputs, protocolVersion };
    const unset = outputs.map((output) => [output, undefined] as const);
    super(
      protocolProvider<Inputs, Outputs>(type),
      name,
      { ...foreseen(versioned), ...Object.fromEntries(unset) },
      pulumi.mergeOptions(opts, { additionalSecretOutputs: [...secrets] }),
      module,
      ofModule,
    );
  }
}

function foreseen(inputs: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  if (!pulumi.runtime.isDryRun()) return inputs;
  return Object.fromEntries(Object.entries(inputs).map(([name, value]) => [name, awaited(value)]));
}

/** Only what is computed can turn out to be absent; what the program leaves out itself is left out. */
function awaited(value: unknown): unknown {
  if (pulumi.Output.isInstance(value) || value instanceof Promise) return pulumi.output(value).apply(absentAsUnknown);
  return mapped(value, awaited);
}

function absentAsUnknown(value: unknown): unknown {
  return value === undefined ? notKnownYet : mapped(value, absentAsUnknown);
}

function mapped(value: unknown, change: (part: unknown) => unknown): unknown {
  if (Array.isArray(value)) return value.map(change);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, change(part)]));
}
