import * as pulumi from "@pulumi/pulumi";
import { notKnownYet } from "../../shared/not-known-yet.ts";
import { protocolVersions, type ResourceType } from "../../protocol/door.ts";
import { storedText } from "../../protocol/stored-text.ts";

type Given<Inputs> = { readonly [Name in keyof Inputs]: pulumi.Input<Inputs[Name]> };

/** What a program gives a dynamic resource: its inputs, each of which may come from another resource. */
export type ArgsOf<Inputs> = Given<Omit<Inputs, "__provider" | "protocolVersion">>;

/** What makes up a dynamic resource, besides its name. */
export interface ProtocolResourceArgs {
  /** Its type, which the state records. */
  readonly type: ResourceType;
  readonly inputs: Readonly<Record<string, unknown>>;
  /** Names of the outputs that are not also inputs. @default - none */
  readonly outputs?: readonly string[];
  /**
   * Names of outputs that are encrypted in the state: by itself the engine marks an output as secret only where there
   * is an input of the same name.
   * @default - none
   */
  readonly secrets?: readonly string[];
}

/** Types whose resources the engine hands to the text in their `__provider`. */
const dynamicTypes = "pulumi-nodejs:dynamic/";

/**
 * What all dynamic resources of this project have in common: an implementation behind the entry point of `protocol/`
 * (door.ts), and inputs that a preview can handle.
 *
 * In a preview, an output of another resource may turn out to be absent: for an object whose spec is not known yet, a
 * provider knows no more than what the program says about it. Absent then stands for not known yet, and the
 * implementation is told so. In an `up` an absent input is a fault.
 */
export abstract class ProtocolResource extends pulumi.CustomResource {
  protected constructor(name: string, args: ProtocolResourceArgs, opts?: pulumi.CustomResourceOptions) {
    const { type, inputs, outputs = [], secrets = [] } = args;
    const protocolVersion = protocolVersions[type];
    const versioned = protocolVersion === undefined ? inputs : { ...inputs, protocolVersion };
    const unset = outputs.map((output) => [output, undefined] as const);
    super(
      `${dynamicTypes}${type}`,
      name,
      { ...foreseen(versioned), ...Object.fromEntries(unset), __provider: storedText(type) },
      pulumi.mergeOptions(opts, { additionalSecretOutputs: [...secrets] }),
    );
  }
}

function foreseen(inputs: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  if (!pulumi.runtime.isDryRun()) return inputs;
  return Object.fromEntries(Object.entries(inputs).map(([name, value]) => [name, awaited(value)]));
}

/** Only computed values can turn out to be absent; what the program leaves out itself stays left out. */
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
