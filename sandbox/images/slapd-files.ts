import { existsSync, realpathSync } from "node:fs";
import { mkdir, readdir, rename, rm } from "node:fs/promises";
import path from "node:path";
import { run } from "../command.ts";
import { cacheDirectory } from "../paths.ts";
import type { ImageFile } from "./image-files.ts";
import { linkedLibraries } from "./linked-libraries.ts";

/** Where the packages are unpacked; nothing of them is installed on this machine. */
const unpacked = path.join(cacheDirectory, "debian", "slapd");
const libraryFolder = path.join(unpacked, "usr/lib", `${process.arch === "arm64" ? "aarch64" : "x86_64"}-linux-gnu`);

/** The server under both its names, and what changes a directory that runs. */
const programs = ["usr/sbin/slapd", "usr/sbin/slapadd", "usr/bin/ldapmodify"];
const storage = "usr/lib/ldap/back_mdb.so";
const schemas = ["core", "cosine", "inetorgperson"].map((name) => `etc/ldap/schema/${name}.schema`);

/**
 * Finds the files of an OpenLDAP server, of Debian's packages; the first time it downloads them.
 * @returns The server, its libraries and those of this machine that it is linked to.
 */
export async function slapdFiles(): Promise<ImageFile[]> {
  if (!existsSync(unpacked)) await unpackPackages();
  const executables = [...programs, storage].map((file) => path.join(unpacked, file));
  const libraries = await linkedLibraries(executables, [libraryFolder]);
  return [
    ...[...programs, storage, ...schemas].map((file) => ({ path: `/${file}`, source: path.join(unpacked, file) })),
    ...libraries.map((file) => ({
      path: file.startsWith(unpacked) ? file.slice(unpacked.length) : file,
      source: realpathSync(file),
    })),
  ];
}

async function unpackPackages(): Promise<void> {
  const unfinished = `${unpacked}.unfinished`;
  await rm(unfinished, { recursive: true, force: true });
  const archives = path.join(unfinished, "archives");
  await mkdir(path.join(archives, "partial"), { recursive: true });
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  // Also what is installed already, since an image takes nothing else from it; libraries come from this machine then.
  const options = ["--yes", "--no-install-recommends", "--download-only", "--reinstall"];
  await run(["apt-get", "install", ...options, "-o", `Dir::Cache::archives=${archives}`, "slapd", "ldap-utils"], {
    env,
  });
  const files = (await readdir(archives)).filter((file) => file.endsWith(".deb"));
  for (const file of files) await run(["dpkg-deb", "--extract", path.join(archives, file), unfinished]);
  await rm(archives, { recursive: true });
  // The folder appears under its name only when it is complete.
  await rename(unfinished, unpacked);
}
