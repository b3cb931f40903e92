import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** The fields of a package.json the language host looks at. */
export interface PackageManifest {
  readonly name: string;
  readonly version: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  /** What an SDK package says about its plugin. */
  readonly pulumi?: {
    readonly resource?: boolean;
    readonly name?: string;
    readonly version?: string;
    readonly server?: string;
  };
}

/** The program's own package.json: in its folder or the nearest one above it. */
export function programManifest(programDirectory: string): { manifest: PackageManifest; directory: string } {
  const directory = nearest(programDirectory, "package.json");
  if (directory === undefined) {
    throw new Error(`${programDirectory}: must hold a package.json, got none; run npm init there`);
  }
  return { manifest: readManifest(join(directory, "package.json")), directory };
}

/**
 * The package.json of an installed dependency.
 *
 * Read from disk rather than resolved as a module: most packages do not export their package.json.
 */
export function installedManifest(fromDirectory: string, dependency: string): PackageManifest {
  const path = join("node_modules", dependency, "package.json");
  const directory = nearest(fromDirectory, path);
  if (directory === undefined) {
    throw new Error(`${dependency}: must be installed in ${fromDirectory}, got no such package; run npm ci there`);
  }
  return readManifest(join(directory, path));
}

/** The folder nearest to `directory`, itself or above, that holds `path`. */
export function nearest(directory: string, path: string): string | undefined {
  if (existsSync(join(directory, path))) return directory;
  const parent = dirname(directory);
  return parent === directory ? undefined : nearest(parent, path);
}

function readManifest(path: string): PackageManifest {
  // The shape is npm's own; a field of another type would already have failed the installation.
  return JSON.parse(readFileSync(path, "utf8")) as PackageManifest;
}
