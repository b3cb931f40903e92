import type { dynamic } from "@pulumi/pulumi";

/** Kept by Pulumi beside every dynamic resource; a failure that stores properties must include it. */
export interface SerializedProvider {
  readonly __provider?: string;
}

/** What a dynamic resource does, as Pulumi calls it. */
export interface ProtocolModule<Inputs, Outputs> {
  readonly check: (olds: Inputs, news: Inputs) => Promise<dynamic.CheckResult<Inputs>>;
  readonly diff: (id: string, olds: Outputs, news: Inputs) => Promise<dynamic.DiffResult>;
  readonly create: (inputs: Inputs) => Promise<dynamic.CreateResult<Outputs>>;
  readonly update: (id: string, olds: Outputs, news: Inputs) => Promise<dynamic.UpdateResult<Outputs>>;
  readonly read: (id: string, props: Outputs) => Promise<dynamic.ReadResult<Outputs>>;
  readonly delete_: (id: string, props: Outputs) => Promise<void>;
}

/** The name by which the code stored in a state finds this project. */
const doorName = "vaultstack/protocol";

/**
 * A module behind the door, loaded when it is called. When the code stored in a state does not lead through the door,
 * or is missing, there is an update, which stores it: without it the next `refresh` or `destroy` has nothing to run.
 * Any other difference in that code is ignored.
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
