import { loadConfig } from "./stacks/config.ts";
import { stack } from "./stacks/index.ts";
import type { PendingOutputs } from "./stacks/outputs.ts";

// Node strips types without moving a line, so a stack trace needs no mapping. The SDK has one mapped for each of its
// promises, which was a fifth of the program's work.
Reflect.deleteProperty(Error, "prepareStackTrace");

/** The program: the settings decide what is declared. */
export default async function program(): Promise<PendingOutputs> {
  return await stack(loadConfig());
}
