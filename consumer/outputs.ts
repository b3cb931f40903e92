import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { contractVersion, outputsV2, type VaultOutputs } from "./contract.ts";

const kinds = { number: z.number(), text: z.string(), texts: z.array(z.string()) } as const;
const names = Object.keys(outputsV2) as (keyof typeof outputsV2)[];
const schema = z.object(Object.fromEntries(names.map((name) => [name, kinds[outputsV2[name]]])));

/**
 * Reads the outputs of a Vault stack, wherever they come from.
 * @param stack Name of the stack, for errors.
 * @returns The outputs, typed. Ones this package does not know are left out.
 * @throws {Error} Naming every output that is missing or of the wrong kind, or a version this package does not read.
 */
export function parseOutputs(values: unknown, stack: string): VaultOutputs {
  const version = z.looseObject({ outputsVersion: z.number() }).safeParse(values);
  if (version.success && version.data.outputsVersion !== contractVersion) {
    throw new Error(
      `the outputs of ${stack}: must be of version ${contractVersion}, got ${version.data.outputsVersion}; use the consumer package of that version`,
    );
  }
  const result = schema.safeParse(values);
  // Each value has the kind that the contract gives its name.
  if (result.success) return result.data as unknown as VaultOutputs;
  const faults = result.error.issues.map((issue) => {
    const name = String(issue.path[0] ?? "outputs");
    const kind = name in outputsV2 ? outputsV2[name as keyof typeof outputsV2] : "text";
    const got = typeof values === "object" && values !== null && name in values ? "a value of another kind" : "nothing";
    return `the output ${name} of ${stack}: must be a ${kind}, got ${got}; the stack breaks outputs v${contractVersion}`;
  });
  throw new Error([...new Set(faults)].join("\n"));
}

/**
 * Reads the outputs of a Vault stack through a stack reference; properties of the result are outputs themselves.
 * @returns The outputs. In a run, an output that is missing ends the program with its name.
 */
export function readOutputs(reference: pulumi.StackReference): pulumi.Output<VaultOutputs> {
  return pulumi.all([reference.outputs, reference.name]).apply(([values, stack]) => {
    try {
      return parseOutputs(values, stack);
    } catch (error) {
      throw new pulumi.RunError(error instanceof Error ? error.message : String(error));
    }
  });
}
