import * as pulumi from "@pulumi/pulumi";
import { loadConfig } from "./stacks/config.ts";
import { stack } from "./stacks/index.ts";
import type { PendingOutputs } from "./stacks/outputs.ts";

// Node strips types without moving a line, so a stack trace needs no mapping. The SDK has one mapped for each of its
// promises, which was a fifth of the program's work.
Reflect.deleteProperty(Error, "prepareStackTrace");

// The SDK sends the engine some five debug messages for each resource, each after the answer to the one before. The
// engine drops them unless it runs with --debug: they were a third of the program's work.
if (process.env["VAULTSTACK_DEBUG"] === undefined) Object.assign(pulumi.log, { debug: () => Promise.resolve() });

/** The program: the settings decide what is declared. */
export default async function program(): Promise<PendingOutputs> {
  return await stack(loadConfig());
}
