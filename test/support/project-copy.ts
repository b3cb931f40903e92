import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  cpSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const repository = join(import.meta.dirname, "..", "..");

/** A second folder with this project in it. */
export interface ProjectCopy {
  readonly folder: string;
  remove(): void;
}

/** The project as it was one commit ago, with the dependencies it had then. */
export function previousCommit(): ProjectCopy {
  const copy = emptyFolder();
  execFileSync("git", ["clone", "--quiet", "--shared", "--no-checkout", repository, copy.folder]);
  execFileSync("git", ["checkout", "--quiet", git("rev-parse", "HEAD~1").trim()], { cwd: copy.folder });
  const lock = "package-lock.json";
  if (git("show", `HEAD~1:${lock}`) === readFileSync(join(repository, lock), "utf8")) {
    symlinkSync(join(repository, "node_modules"), join(copy.folder, "node_modules"));
  } else {
    execFileSync("npm", ["ci", "--prefer-offline", "--no-audit", "--no-fund"], { cwd: copy.folder, stdio: "ignore" });
  }
  return copy;
}

/** An edit of a file: a text that stands in it once or more, and what takes its place. */
export interface Edit {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/** The project as it is, but for some edits. */
export function edited(edits: readonly Edit[]): ProjectCopy {
  const copy = workingCopy();
  symlinkSync(join(repository, "node_modules"), join(copy.folder, "node_modules"));
  for (const { file, from, to } of edits) {
    const path = join(copy.folder, file);
    const text = readFileSync(path, "utf8");
    if (!text.includes(from)) throw new Error(`${file}: must contain what is to be edited, got no "${from}"`);
    writeFileSync(path, text.replaceAll(from, to));
  }
  return copy;
}

/** The project as it is, with every module of the protocols and one of its dependencies changed. */
export function withOtherCode(dependency: string): ProjectCopy {
  const copy = workingCopy();
  for (const file of globSync("protocol/**/*.ts", { cwd: copy.folder })) {
    appendFileSync(join(copy.folder, file), "\n// Changed.\nvoid 0;\n");
  }
  const modules = join(copy.folder, "node_modules");
  mkdirSync(modules);
  for (const name of readdirSync(join(repository, "node_modules")).filter((name) => name !== dependency)) {
    symlinkSync(join(repository, "node_modules", name), join(modules, name));
  }
  const manifest = join(modules, dependency, "package.json");
  cpSync(join(repository, "node_modules", dependency), join(modules, dependency), { recursive: true });
  const { version, ...rest } = JSON.parse(readFileSync(manifest, "utf8")) as { version: string };
  rmSync(manifest);
  appendFileSync(manifest, JSON.stringify({ ...rest, version: `${version}-changed` }));
  return copy;
}

function workingCopy(): ProjectCopy {
  const copy = emptyFolder();
  const files = git("ls-files", "--cached", "--others", "--exclude-standard").trim().split("\n");
  for (const file of files) cpSync(join(repository, file), join(copy.folder, file));
  return copy;
}

function emptyFolder(): ProjectCopy {
  const folder = mkdtempSync(join(tmpdir(), "vaultstack-project-"));
  return {
    folder,
    remove: () => {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function git(...args: readonly string[]): string {
  return execFileSync("git", args, { cwd: repository, encoding: "utf8", maxBuffer: 64 * 1024 * 1024 });
}
