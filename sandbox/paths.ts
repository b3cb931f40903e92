import { homedir } from "node:os";
import path from "node:path";

/**
 * What is costly to make and the same for every clone: built tools, keyed by what they were built from, and what Node
 * has compiled.
 * `down` leaves it; it may be deleted at any time that the sandbox is down.
 */
export const cacheDirectory = path.join(baseDirectory("XDG_CACHE_HOME", ".cache"), "vaultstack");

/**
 * Everything the sandbox knows and holds: the cluster's data and volumes, its keys, the engine's state, the settings of
 * the sandbox's stacks. `down` removes it.
 */
export const stateDirectory = path.join(baseDirectory("XDG_STATE_HOME", ".local/state"), "vaultstack", "sandbox");

/**
 * What does not survive a reboot: sockets, mounts of running containers, network namespaces. A fixed short path,
 * because the path of a socket may not be longer than 107 bytes, and root's alone, like the sandbox itself.
 */
export const runtimeDirectory = "/run/vaultstack-sandbox";

/** The kubeconfig of the sandbox's administrator, with the one context `vaultstack-sandbox`. */
export const kubeconfigFile = path.join(stateDirectory, "kubeconfig");

/** Where each part of the cluster writes its log, as `<part>.log`. */
export const logDirectory = path.join(stateDirectory, "logs");

/** The root of the repository, from which sources of tools and applications are found. */
export const repositoryDirectory = path.resolve(import.meta.dirname, "..");

function baseDirectory(variable: string, fallback: string): string {
  const configured = process.env[variable];
  // The XDG specification: a relative path is to be ignored.
  return configured !== undefined && path.isAbsolute(configured) ? configured : path.join(homedir(), fallback);
}
