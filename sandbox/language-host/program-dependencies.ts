import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { installedManifest, programManifest } from "./package-manifest.ts";

/** A package the program depends on, for `pulumi about`. */
export interface ProgramDependency {
  readonly name: string;
  readonly version: string;
}

/**
 * The packages of a program: those its package.json names, or all in its lock file.
 *
 * @param transitive Also the dependencies of dependencies; needs a package-lock.json, otherwise the direct ones.
 */
export function programDependencies(programDirectory: string, transitive: boolean): ProgramDependency[] {
  const { manifest, directory } = programManifest(programDirectory);
  const lock = join(directory, "package-lock.json");
  if (transitive && existsSync(lock)) return lockedDependencies(readFileSync(lock, "utf8"));
  return Object.keys({ ...manifest.dependencies, ...manifest.devDependencies }).map((name) => ({
    name,
    version: installedManifest(directory, name).version,
  }));
}

function lockedDependencies(lock: string): ProgramDependency[] {
  const { packages = {} } = JSON.parse(lock) as { packages?: Record<string, { version?: string }> };
  return Object.entries(packages).flatMap(([path, { version }]) => {
    const name = path.split("node_modules/").at(-1);
    return name === undefined || name === "" || version === undefined ? [] : [{ name, version }];
  });
}
