import { run } from "../command.ts";

/**
 * Finds the shared libraries of this machine that programs are linked to.
 * @param executables Programs and modules, by their paths on this machine.
 * @param folders Folders whose libraries go first.
 * @returns Absolute paths, by which the loader of a container looks for them too.
 */
export async function linkedLibraries(executables: readonly string[], folders: readonly string[]): Promise<string[]> {
  const said = await run(["ldd", ...executables], { env: { ...process.env, LD_LIBRARY_PATH: folders.join(":") } });
  const found = Array.from(said.matchAll(/(?:=> |^\s+)(\/\S+) \(0x/gm), ([, file = ""]) => file);
  return [...new Set(found)].sort();
}
