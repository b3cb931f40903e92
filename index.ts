import { loadConfig } from "./stacks/config.ts";
import { stacks } from "./stacks/index.ts";
import type { PendingOutputs } from "./stacks/outputs.ts";

// Node strips types without moving a line, so a stack trace needs no mapping. The SDK has one mapped for each of its promises,
// which was a fifth of the program's work.
Reflect.deleteProperty(Error, "prepareStackTrace");

/**
 * The program: the settings choose a stack function, which declares everything and returns the outputs.
 * @returns The stack's outputs.
 */
export default async function program(): Promise<PendingOutputs> {
  const config = loadConfig();
  return await stacks[config.profile](config);
}
