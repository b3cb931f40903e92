import type * as pulumi from "@pulumi/pulumi";

/** What a module under `protocol/` exports to be the body of a dynamic resource. */
export interface ProtocolModule<Inputs, Outputs> {
  check(olds: Inputs, news: Inputs): Promise<pulumi.dynamic.CheckResult<Inputs>>;
  diff(id: string, olds: Outputs, news: Inputs): Promise<pulumi.dynamic.DiffResult>;
  create(inputs: Inputs): Promise<pulumi.dynamic.CreateResult<Outputs>>;
  update(id: string, olds: Outputs, news: Inputs): Promise<pulumi.dynamic.UpdateResult<Outputs>>;
  read(id: string, props: Outputs): Promise<pulumi.dynamic.ReadResult<Outputs>>;
  delete_(id: string, props: Outputs): Promise<void>;
}

/**
 * Makes the provider of a dynamic resource from a module under `protocol/`.
 *
 * Pulumi stores the text of these methods in the state and runs it in another process. So the methods hold no logic and
 * capture nothing but a file name: the stored text stays the same when the protocol's code changes, and what runs is
 * always the code of the project folder, which is the working directory of that process.
 * @param file Name of the module's file.
 * @returns A provider whose every method imports the module and calls its namesake.
 */
export function protocolProvider<Inputs, Outputs>(file: string): pulumi.dynamic.ResourceProvider<Inputs, Outputs> {
  return {
    async check(olds: Inputs, news: Inputs) {
      const path = `file://${process.cwd()}/components/vault/protocol/${file}`;
      const protocol = (await import(path)) as ProtocolModule<Inputs, Outputs>;
      return await protocol.check(olds, news);
    },
    async diff(id: string, olds: Outputs, news: Inputs) {
      const path = `file://${process.cwd()}/components/vault/protocol/${file}`;
      const protocol = (await import(path)) as ProtocolModule<Inputs, Outputs>;
      return await protocol.diff(id, olds, news);
    },
    async create(inputs: Inputs) {
      const path = `file://${process.cwd()}/components/vault/protocol/${file}`;
      const protocol = (await import(path)) as ProtocolModule<Inputs, Outputs>;
      return await protocol.create(inputs);
    },
    async update(id: string, olds: Outputs, news: Inputs) {
      const path = `file://${process.cwd()}/components/vault/protocol/${file}`;
      const protocol = (await import(path)) as ProtocolModule<Inputs, Outputs>;
      return await protocol.update(id, olds, news);
    },
    async read(id: string, props?: Outputs) {
      if (props === undefined) throw new Error("this resource cannot be imported; `pulumi up` adopts what exists");
      const path = `file://${process.cwd()}/components/vault/protocol/${file}`;
      const protocol = (await import(path)) as ProtocolModule<Inputs, Outputs>;
      return await protocol.read(id, props);
    },
    async delete(id: string, props: Outputs) {
      const path = `file://${process.cwd()}/components/vault/protocol/${file}`;
      const protocol = (await import(path)) as ProtocolModule<Inputs, Outputs>;
      await protocol.delete_(id, props);
    },
  };
}
