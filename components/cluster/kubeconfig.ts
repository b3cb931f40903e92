import { readFile } from "node:fs/promises";
import type { Agent } from "node:http";
import { homedir } from "node:os";
import { delimiter, dirname, isAbsolute, join, resolve } from "node:path";
import type { User } from "@kubernetes/client-node";
import { parse } from "yaml";

/** How one context of the kubeconfig is reached. */
export interface ClusterAccess {
  /** Name of the context, as asked for. */
  readonly context: string;
  /** Base URL of the API server. */
  readonly server: URL;
  /** TLS material and headers for one connection; asked each time because tokens expire. */
  connectionOptions(): Promise<ConnectionOptions>;
}

/** What `https.request` and a websocket client take alike. */
export interface ConnectionOptions {
  readonly ca?: string | Buffer;
  readonly cert?: string | Buffer;
  readonly key?: string | Buffer;
  readonly servername?: string;
  readonly rejectUnauthorized?: boolean;
  readonly headers: Readonly<Record<string, string>>;
  /** Set only when a proxy stands between. */
  readonly agent?: Agent;
}

/**
 * Reads the kubeconfig of the environment (`KUBECONFIG`, several files allowed, else `~/.kube/config`) for one named context.
 *
 * Certificates, tokens, token files and exec plugins are handled here, because importing the official client's own
 * loader costs about 350 ms (it drags all generated API classes along) in each of the two processes of every run.
 * What is rarer (proxies, the old auth providers, basic auth) goes to the official loader.
 *
 * @throws when no file can be read or the context, its cluster or its user is missing.
 */
export async function loadClusterAccess(context: string, env: NodeJS.ProcessEnv = process.env): Promise<ClusterAccess> {
  const files = kubeconfigFiles(env);
  const merged = merge(await Promise.all(files.map(readKubeconfig)));
  const entry = merged.contexts.get(context);
  if (entry === undefined) {
    const known = [...merged.contexts.keys()].join(", ") || "none";
    throw new Error(
      `kubeContext: must be a context of ${files.join(delimiter)}, got "${context}" (known: ${known}); ` +
        "set it to one of these or point KUBECONFIG to another file",
    );
  }
  const cluster = merged.clusters.get(entry.cluster);
  const user = merged.users.get(entry.user) ?? {};
  if (cluster?.server === undefined) {
    throw new Error(
      `kubeContext: "${context}" names the cluster "${entry.cluster}", which ${files.join(delimiter)} does not define`,
    );
  }
  const server = new URL(cluster.server);
  const simple =
    cluster["proxy-url"] === undefined && user["auth-provider"] === undefined && user.username === undefined;
  return {
    context,
    server,
    connectionOptions: simple ? simpleOptions(cluster, user) : officialOptions(context, files),
  };
}

function kubeconfigFiles(env: NodeJS.ProcessEnv): string[] {
  const listed = (env["KUBECONFIG"] ?? "").split(delimiter).filter((file) => file !== "");
  return listed.length > 0 ? listed.map((file) => resolve(file)) : [join(env["HOME"] ?? homedir(), ".kube", "config")];
}

interface ClusterEntry {
  server?: string;
  "certificate-authority"?: string;
  "certificate-authority-data"?: string;
  "insecure-skip-tls-verify"?: boolean;
  "tls-server-name"?: string;
  "proxy-url"?: string;
}

interface UserEntry {
  "client-certificate"?: string;
  "client-certificate-data"?: string;
  "client-key"?: string;
  "client-key-data"?: string;
  token?: string;
  tokenFile?: string;
  exec?: unknown;
  "auth-provider"?: unknown;
  username?: string;
  as?: string;
}

interface Kubeconfig {
  readonly contexts: Map<string, { cluster: string; user: string }>;
  readonly clusters: Map<string, ClusterEntry>;
  readonly users: Map<string, UserEntry>;
}

interface KubeconfigFile {
  contexts?: { name: string; context: { cluster: string; user: string } }[] | null;
  clusters?: { name: string; cluster: ClusterEntry }[] | null;
  users?: { name: string; user: UserEntry | null }[] | null;
}

async function readKubeconfig(file: string): Promise<Kubeconfig> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    throw new Error(`KUBECONFIG: must name readable files, got ${file}; set KUBECONFIG to the file of your cluster`, {
      cause: error,
    });
  }
  // The shape is kubectl's own contract; each value that matters is checked where it is used.
  const parsed = (parse(text) ?? {}) as KubeconfigFile;
  // Paths inside a kubeconfig are relative to the file they stand in.
  const absolute = (path: string | undefined): string | undefined =>
    path === undefined || isAbsolute(path) ? path : join(dirname(file), path);
  return {
    contexts: new Map((parsed.contexts ?? []).map(({ name, context }) => [name, context])),
    clusters: new Map(
      (parsed.clusters ?? []).map(({ name, cluster }) => [
        name,
        withPaths(cluster, { "certificate-authority": absolute(cluster["certificate-authority"]) }),
      ]),
    ),
    users: new Map(
      (parsed.users ?? []).map(({ name, user }) => [
        name,
        withPaths(user ?? {}, {
          "client-certificate": absolute(user?.["client-certificate"]),
          "client-key": absolute(user?.["client-key"]),
          tokenFile: absolute(user?.tokenFile),
        }),
      ]),
    ),
  };
}

function withPaths<T extends object>(entry: T, paths: Record<string, string | undefined>): T {
  return { ...entry, ...Object.fromEntries(Object.entries(paths).filter(([, path]) => path !== undefined)) };
}

/** The first file that defines a name wins, as in kubectl. */
function merge(files: Kubeconfig[]): Kubeconfig {
  const first = <T>(maps: Map<string, T>[]): Map<string, T> => new Map(maps.reverse().flatMap((map) => [...map]));
  return {
    contexts: first(files.map((file) => file.contexts)),
    clusters: first(files.map((file) => file.clusters)),
    users: first(files.map((file) => file.users)),
  };
}

function simpleOptions(cluster: ClusterEntry, user: UserEntry): () => Promise<ConnectionOptions> {
  return async () => {
    const ca = await material(cluster["certificate-authority-data"], cluster["certificate-authority"]);
    const cert = await material(user["client-certificate-data"], user["client-certificate"]);
    const key = await material(user["client-key-data"], user["client-key"]);
    const token = user.tokenFile === undefined ? user.token : (await readFile(user.tokenFile, "utf8")).trim();
    const options: ConnectionOptions = {
      ...(ca === undefined ? {} : { ca }),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
      ...(cluster["tls-server-name"] === undefined ? {} : { servername: cluster["tls-server-name"] }),
      ...(cluster["insecure-skip-tls-verify"] === true ? { rejectUnauthorized: false } : {}),
      headers: {
        ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
        ...(user.as === undefined ? {} : { "Impersonate-User": user.as }),
      },
    };
    return user.exec === undefined ? options : { ...options, ...(await execCredential(user.exec, options.headers)) };
  };
}

async function material(data: string | undefined, file: string | undefined): Promise<Buffer | undefined> {
  if (data !== undefined) {
    return Buffer.from(data, "base64");
  }
  return file === undefined ? undefined : readFile(file);
}

/** The official client's exec plugin support, which needs none of the generated classes. */
async function execCredential(exec: unknown, headers: Readonly<Record<string, string>>): Promise<ConnectionOptions> {
  const { ExecAuth } = await import("@kubernetes/client-node/dist/exec_auth.js");
  const options: { cert?: string; key?: string; headers: Record<string, string> } = { headers: { ...headers } };
  const user: User = { name: "exec", exec };
  await new ExecAuth().applyAuthentication(user, options);
  return options;
}

function officialOptions(context: string, files: readonly string[]): () => Promise<ConnectionOptions> {
  return async () => {
    const { KubeConfig } = await import("@kubernetes/client-node");
    const config = new KubeConfig();
    for (const [index, file] of files.entries()) {
      if (index === 0) {
        config.loadFromFile(file);
      } else {
        const next = new KubeConfig();
        next.loadFromFile(file);
        config.mergeConfig(next, true);
      }
    }
    config.setCurrentContext(context);
    const options: { headers: Record<string, string> } = { headers: {} };
    await config.applyToHTTPSOptions(options);
    return options;
  };
}
