import type * as pulumi from "@pulumi/pulumi";
import type { Door, ResourceType } from "./door.ts";
import type { ProtocolModule } from "./frame/protocol-module.ts";

/**
 * Makes the provider of a dynamic resource.
 *
 * Pulumi stores the text of these methods in the state and runs it in another process, whose working directory is the program's
 * folder. So the methods hold no logic and capture nothing but the type: the text stays the same when the code changes and moves,
 * and what runs is always the code that the program has, be it this project or one that depends on it.
 * @returns A provider whose every method calls its namesake behind the door.
 */
export function protocolProvider<Inputs, Outputs>(
  type: ResourceType,
): pulumi.dynamic.ResourceProvider<Inputs, Outputs> {
  const open = async (): Promise<ProtocolModule<Inputs, Outputs>> => {
    const { createRequire } = await import("node:module");
    const { pathToFileURL } = await import("node:url");
    const path = createRequire(`${process.cwd()}/`).resolve("vaultstack/protocol");
    const { resources } = (await import(pathToFileURL(path).href)) as { readonly resources: Door };
    return resources[type] as ProtocolModule<Inputs, Outputs>;
  };
  return {
    async check(olds: Inputs, news: Inputs) {
      return (await open()).check(olds, news);
    },
    async diff(id: string, olds: Outputs, news: Inputs) {
      return (await open()).diff(id, olds, news);
    },
    async create(inputs: Inputs) {
      return (await open()).create(inputs);
    },
    async update(id: string, olds: Outputs, news: Inputs) {
      return (await open()).update(id, olds, news);
    },
    async read(id: string, props?: Outputs) {
      if (props === undefined) throw new Error("this resource cannot be imported; `pulumi up` adopts what exists");
      return (await open()).read(id, props);
    },
    async delete(id: string, props: Outputs) {
      await (await open()).delete_(id, props);
    },
  };
}
