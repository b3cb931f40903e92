import { installedManifest, programManifest } from "./package-manifest.ts";

/** One resource plugin a program needs, as its npm package names it. */
export interface RequiredPackage {
  /** Plugin name, for example `kubernetes`. */
  readonly name: string;
  /** Exact plugin version with a leading `v`: that of the installed SDK, so that engine, SDK and plugin agree. */
  readonly version: string;
  /** Where the plugin can be downloaded; empty means the engine's usual place. */
  readonly server: string;
}

/**
 * The resource plugins of a program: every direct dependency whose package says `pulumi.resource`.
 *
 * Direct dependencies are enough for the engine to start; a plugin used only by a dependency's own component is asked
 * for by the registration itself, with its version.
 *
 * @throws When the program has no package.json, or a dependency it names is not installed.
 */
export function requiredPackages(programDirectory: string): RequiredPackage[] {
  const { manifest, directory } = programManifest(programDirectory);
  return Object.keys(manifest.dependencies ?? {}).flatMap((dependency) => {
    const installed = installedManifest(directory, dependency);
    const plugin = installed.pulumi;
    if (plugin?.resource !== true) return [];
    return [
      {
        name: plugin.name ?? dependency.replace(/^@pulumi\//, ""),
        version: withLeadingV(plugin.version ?? installed.version),
        server: plugin.server ?? "",
      },
    ];
  });
}

function withLeadingV(version: string): string {
  return version.startsWith("v") ? version : `v${version}`;
}
