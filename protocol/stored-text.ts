import type { ResourceType } from "./door.ts";

/**
 * The text of a dynamic resource's provider, as the engine stores it in the state.
 *
 * Pulumi's own dynamic resources make this text from functions of the program. That takes a compiler and a debugger of
 * the program's own, a third of the time that a program runs. This one is written out instead, by Pulumi's own rule:
 * `exports.handler` is a function that gives the provider (`cmd/dynamic-provider` of `@pulumi/pulumi`).
 *
 * It runs in another process, whose working directory is the program's folder. It holds no logic and nothing but the
 * type: the text stays the same when the code changes and moves, and what runs is always the code that the program has,
 * be it this project or one that depends on it.
 * @returns A CommonJS module; each method of its provider calls its namesake behind the door.
 */
export function storedText(type: ResourceType): string {
  return `const open = async () => {
  const { createRequire } = await import("node:module");
  const { pathToFileURL } = await import("node:url");
  const path = createRequire(\`\${process.cwd()}/\`).resolve("vaultstack/protocol");
  const { resources } = await import(pathToFileURL(path).href);
  return resources[${JSON.stringify(type)}];
};

exports.handler = () => ({
  check: async (olds, news) => (await open()).check(olds, news),
  diff: async (id, olds, news) => (await open()).diff(id, olds, news),
  create: async (inputs) => (await open()).create(inputs),
  update: async (id, olds, news) => (await open()).update(id, olds, news),
  read: async (id, props) => {
    if (props === undefined) throw new Error("this resource cannot be imported; \`pulumi up\` adopts what exists");
    return (await open()).read(id, props);
  },
  delete: async (id, props) => {
    await (await open()).delete_(id, props);
  },
});
`;
}
