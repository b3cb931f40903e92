import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, isAbsolute, join, resolve, sep } from "node:path";
import { parse } from "yaml";

/** A cluster as a kubeconfig describes it, with absolute paths. */
export interface ClusterEntry {
  readonly server?: string;
  readonly "certificate-authority"?: string;
  readonly "certificate-authority-data"?: string;
  readonly "insecure-skip-tls-verify"?: boolean;
  readonly "tls-server-name"?: string;
  readonly "proxy-url"?: string;
  readonly "disable-compression"?: boolean;
  readonly extensions?: readonly { readonly name: string; readonly extension?: unknown }[] | null;
}

/** How a user proves who it is, with absolute paths. */
export interface UserEntry {
  readonly "client-certificate"?: string;
  readonly "client-certificate-data"?: string;
  readonly "client-key"?: string;
  readonly "client-key-data"?: string;
  readonly token?: string;
  readonly tokenFile?: string;
  readonly username?: string;
  readonly password?: string;
  readonly exec?: ExecEntry | null;
  readonly "auth-provider"?: {
    readonly name?: string;
    readonly config?: Readonly<Record<string, string>> | null;
  } | null;
  readonly as?: string;
  readonly "as-uid"?: string;
  readonly "as-groups"?: readonly string[] | null;
  readonly "as-user-extra"?: Readonly<Record<string, readonly string[] | null>> | null;
}

/** A program that hands out credentials. */
export interface ExecEntry {
  readonly apiVersion?: string;
  readonly command?: string;
  readonly args?: readonly string[] | null;
  readonly env?: readonly { readonly name?: string; readonly value?: string }[] | null;
  readonly interactiveMode?: string;
  readonly provideClusterInfo?: boolean;
  readonly installHint?: string;
}

/** All files of a kubeconfig as one. */
export interface Kubeconfig {
  readonly contexts: ReadonlyMap<string, { readonly cluster?: string; readonly user?: string }>;
  readonly clusters: ReadonlyMap<string, ClusterEntry>;
  readonly users: ReadonlyMap<string, UserEntry>;
  /** Null when no file names one. */
  readonly currentContext: string | null;
  /** The files, for messages. */
  readonly where: string;
  /** Whether one of them is there. */
  readonly exists: boolean;
}

interface KubeconfigFile {
  "current-context"?: string;
  contexts?: { name: string; context: { cluster?: string; user?: string } | null }[] | null;
  clusters?: { name: string; cluster: ClusterEntry | null }[] | null;
  users?: { name: string; user: UserEntry | null }[] | null;
}

/**
 * Where the kubeconfig of an environment is: `KUBECONFIG`, several files allowed, else `~/.kube/config`.
 * @returns Absolute paths; the files need not exist.
 */
function kubeconfigFiles(env: NodeJS.ProcessEnv): string[] {
  const listed = (env["KUBECONFIG"] ?? "").split(delimiter).filter((file) => file !== "");
  return listed.length > 0 ? listed.map((file) => resolve(file)) : [join(env["HOME"] ?? homedir(), ".kube", "config")];
}

/**
 * Reads the kubeconfig of an environment by the rules of `kubectl`: a file that is missing counts as empty, and the
 * first file that defines a name wins.
 * @throws {Error} Naming a file that is there and cannot be read.
 */
export function readKubeconfig(env: NodeJS.ProcessEnv): Kubeconfig {
  const files = kubeconfigFiles(env);
  const parsed = files.map(readFileOf);
  const entries = <T>(each: (file: KubeconfigFile, at: string) => [string, T][]): Map<string, T> =>
    new Map(files.flatMap((at, index) => each(parsed[index] ?? {}, at)).reverse());
  return {
    contexts: entries((file) => (file.contexts ?? []).map(({ name, context }) => [name, context ?? {}])),
    clusters: entries((file, at) =>
      (file.clusters ?? []).map(({ name, cluster }) => [
        name,
        withPaths(cluster ?? {}, at, { "certificate-authority": cluster?.["certificate-authority"] }),
      ]),
    ),
    users: entries((file, at) => (file.users ?? []).map(({ name, user }) => [name, userOf(user ?? {}, at)])),
    currentContext: parsed.map((file) => file?.["current-context"]).find((name) => isText(name)) ?? null,
    where: files.join(delimiter),
    exists: parsed.some((file) => file !== null),
  };
}

function readFileOf(file: string): KubeconfigFile | null {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw unreadable(file, "must name readable files", error);
  }
  try {
    // The shape is kubectl's own contract; each value that matters is checked where it is used.
    const parsed: unknown = parse(text);
    return typeof parsed === "object" && parsed !== null ? parsed : {};
  } catch (error) {
    throw unreadable(file, "must name files of YAML", error);
  }
}

/** What the parser says is left out: it quotes the file, which may hold a token. */
function unreadable(file: string, rule: string, cause: unknown): Error {
  return new Error(`KUBECONFIG: ${rule}, got ${file}; set KUBECONFIG to the file of your cluster`, { cause });
}

function userOf(user: UserEntry, file: string): UserEntry {
  const { exec } = user;
  // A command with a folder is a file; one without is looked for on PATH.
  const isFile = exec?.command?.includes(sep) === true;
  return {
    ...withPaths(user, file, {
      "client-certificate": user["client-certificate"],
      "client-key": user["client-key"],
      tokenFile: user.tokenFile,
    }),
    ...(isFile ? { exec: withPaths(exec, file, { command: exec.command }) } : {}),
  };
}

/** Paths inside a kubeconfig are relative to the file they stand in. */
function withPaths<T extends object>(entry: T, file: string, paths: Record<string, string | undefined>): T {
  const absolute = Object.entries(paths).flatMap(([name, path]) =>
    isText(path) ? [[name, isAbsolute(path) ? path : join(dirname(file), path)] as const] : [],
  );
  return { ...entry, ...Object.fromEntries(absolute) };
}

/**
 * Whether a part of a kubeconfig is given: an empty text counts as left out.
 * @returns True for a text that is not empty.
 */
export function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}
