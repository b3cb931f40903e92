import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { fault } from "../../shared/errors.ts";

// Below the project, where Node finds the packages, and out of sight of every tool.
const place = join(".vault", "compare");

/**
 * Does something with the project as it was at a commit, in a temporary worktree.
 * @param ref What git calls the commit: a branch, a tag, a hash.
 * @param work What to do; it is given the folder.
 * @throws {Error} When there is no such commit, or its packages cannot be installed.
 */
export async function withProjectAt<Result>(ref: string, work: (folder: string) => Promise<Result>): Promise<Result> {
  const commit = commitOf(ref);
  removeLeftovers();
  const folder = resolve(place, `${process.pid}`);
  mkdirSync(place, { recursive: true });
  git("worktree", "add", "--quiet", "--detach", folder, commit);
  try {
    installOtherPackages(folder);
    return await work(folder);
  } finally {
    git("worktree", "remove", "--force", folder);
  }
}

function commitOf(ref: string): string {
  try {
    return git("rev-parse", "--verify", "--quiet", "--end-of-options", `${ref}^{commit}`).trim();
  } catch {
    throw new Error(
      fault("--diff", "must be a commit of this repository", ref, "name a branch, tag or hash; fetch it"),
    );
  }
}

/** The same lock file means the same packages, and these are found in the folder above. */
function installOtherPackages(folder: string): void {
  const lock = "package-lock.json";
  if (readFileSync(lock, "utf8") === readFileSync(join(folder, lock), "utf8")) return;
  const npm = ["ci", "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund", "--loglevel=error"];
  execFileSync("npm", npm, { cwd: folder, stdio: ["ignore", 2, 2] });
}

/** Worktrees of runs that were killed. */
function removeLeftovers(): void {
  if (!existsSync(place)) return;
  for (const entry of readdirSync(place)) {
    if (!isAlive(Number(entry))) rmSync(join(place, entry), { recursive: true, force: true });
  }
  git("worktree", "prune");
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function git(...args: readonly string[]): string {
  return execFileSync("git", args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}
