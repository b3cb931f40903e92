import type { dynamic } from "@pulumi/pulumi";
import type { SerializedProvider } from "../types.ts";

/** What a dynamic resource does, as Pulumi calls it. */
export interface ProtocolModule<Inputs, Outputs> {
  readonly check: (olds: Inputs, news: Inputs) => Promise<dynamic.CheckResult<Inputs>>;
  readonly diff: (id: string, olds: Outputs, news: Inputs) => Promise<dynamic.DiffResult>;
  readonly create: (inputs: Inputs) => Promise<dynamic.CreateResult<Outputs>>;
  readonly update: (id: string, olds: Outputs, news: Inputs) => Promise<dynamic.UpdateResult<Outputs>>;
  readonly read: (id: string, props: Outputs) => Promise<dynamic.ReadResult<Outputs>>;
  readonly delete_: (id: string, props: Outputs) => Promise<void>;
}

/** What the text in a state looks this module's project up by. */
const doorName = "vaultstack/protocol";

/**
 * A module behind the door, loaded when it is called. A state whose text does not lead through the door, or that lost its text, is
 * an update: it puts the text there, without which the next `refresh` or `destroy` has nothing to run. Other text is no difference.
 */
export function asStored<Inputs extends SerializedProvider, Outputs extends SerializedProvider>(
  open: () => Promise<ProtocolModule<Inputs, Outputs>>,
): ProtocolModule<Inputs, Outputs> {
  return {
    check: async (olds, news) => (await open()).check(olds, news),
    diff: async (id, olds, news) => {
      const result = await (await open()).diff(id, olds, news);
      return hasDoor(news) && !hasDoor(olds) ? { ...result, changes: true } : result;
    },
    create: async (inputs) => (await open()).create(inputs),
    update: async (id, olds, news) => (await open()).update(id, olds, news),
    read: async (id, props) => (await open()).read(id, props),
    delete_: async (id, props) => (await open()).delete_(id, props),
  };
}

function hasDoor({ __provider: text = "" }: SerializedProvider): boolean {
  return text.includes(doorName);
}
