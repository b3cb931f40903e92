import { readFile } from "node:fs/promises";
import type { Agent } from "node:http";
import { isIP } from "node:net";
import { checkServerIdentity } from "node:tls";
import { fault } from "../../shared/errors.ts";
import { bareHost } from "../../shared/host.ts";
import { verified } from "../../shared/verified-tls.ts";
import { environmentProxy } from "./environment-proxy.ts";
import { type CredentialSource, execPlugin } from "./exec-credential.ts";
import { impersonationHeaders } from "./impersonation.ts";
import { inCluster, inClusterContext } from "./in-cluster.ts";
import { accessFaults } from "./kubeconfig-faults.ts";
import { type ClusterEntry, isText, type Kubeconfig, readKubeconfig, type UserEntry } from "./kubeconfig-file.ts";
import { oidcLogin } from "./oidc-login.ts";
import { proxyAgent } from "./proxy-agent.ts";

/** How one context of the kubeconfig is reached. */
export interface ClusterAccess {
  /** Name of the context, as asked for. */
  readonly context: string;
  /** Base URL of the API server. */
  readonly server: URL;
  /** TLS material and headers for one connection; asked each time because tokens expire. */
  connectionOptions(): Promise<ConnectionOptions>;
  /** The API server did not accept the credentials: what is cached of them is fetched anew. */
  readonly forgetCredentials?: () => void;
}

/** What `https.request` and a websocket client take alike. */
export interface ConnectionOptions {
  readonly ca?: string | Buffer;
  readonly cert?: string | Buffer;
  readonly key?: string | Buffer;
  readonly servername?: string;
  readonly rejectUnauthorized?: boolean;
  /** Set only when a proxy stands before a server named by an IP address. */
  readonly checkServerIdentity?: typeof checkServerIdentity;
  readonly headers: Readonly<Record<string, string | string[]>>;
  /** Set only when a proxy stands between. */
  readonly agent?: Agent;
}

/**
 * Reads the kubeconfig of the environment (`KUBECONFIG`, several files allowed, else `~/.kube/config`) for one named
 * context, or the account of the pod that this program runs in. Whatever `kubectl` accepts is accepted in the same way.
 *
 * It is read here, because importing the official client's own loader costs about 350 ms (it pulls in all generated API
 * classes) in each of the two processes of every run, and because that loader drops what it does not know: groups to
 * impersonate, proxies of the environment, what an exec plugin wants to be told. The one login that is left to it is
 * `oidc`.
 * @param context Name of the context, or {@link inClusterContext}.
 * @param serviceAccount Folder of the pod's account.
 * @throws {Error} Naming every fault: a file that cannot be read, a context, cluster or user that is missing or wrong.
 */
export async function loadClusterAccess(
  context: string,
  env: NodeJS.ProcessEnv = process.env,
  serviceAccount?: string,
): Promise<ClusterAccess> {
  const { cluster, user } =
    context === inClusterContext ? ownCluster(env, serviceAccount) : entriesOf(readKubeconfig(env), context);
  const server = serverOf(cluster, user);
  const proxy = isText(cluster["proxy-url"]) ? new URL(cluster["proxy-url"]) : environmentProxy(server, env);
  const authority = () => material(cluster["certificate-authority-data"], cluster["certificate-authority"]);
  const { exec } = user;
  const plugin = exec === undefined || exec === null ? null : execPlugin(exec, cluster, authority);
  const source = plugin ?? oidcLogin(user);
  const between = proxy === null ? {} : await throughProxy(server, proxy, await authority());
  return {
    context,
    server,
    connectionOptions: async () => {
      const headers = impersonationHeaders(user);
      // As with kubectl: nothing that proves who somebody is goes over plain HTTP.
      if (server.protocol === "http:") return { ...between, headers };
      return { ...(await trustOf(cluster, authority)), ...between, ...(await credentialsOf(user, source, headers)) };
    },
    ...(source !== null && {
      forgetCredentials: () => {
        source.forget();
      },
    }),
  };
}

function ownCluster(env: NodeJS.ProcessEnv, folder: string | undefined): { cluster: ClusterEntry; user: UserEntry } {
  const own = inCluster(env, folder);
  if (own !== null) return own;
  const must = "must be that of a pod with a service account's token";
  throw new Error(fault("the environment", must, undefined, "set kubeContext, or run where the last run was"));
}

function entriesOf(config: Kubeconfig, context: string): { cluster: ClusterEntry; user: UserEntry } {
  const { where } = config;
  if (!config.exists) {
    throw new Error(`KUBECONFIG: must name readable files, got ${where}; set KUBECONFIG to the file of your cluster`);
  }
  const entry = config.contexts.get(context);
  if (entry === undefined) {
    const known = [...config.contexts.keys()].join(", ") || "none";
    throw new Error(
      `kubeContext: must be a context of ${where}, got "${context}" (known: ${known}); ` +
        "set it to one of these or point KUBECONFIG to another file",
    );
  }
  const cluster = config.clusters.get(entry.cluster ?? "");
  if (cluster === undefined) {
    throw new Error(
      `kubeContext: "${context}" names the cluster "${entry.cluster ?? ""}", which ${where} does not define`,
    );
  }
  const user = isText(entry.user) ? config.users.get(entry.user) : {};
  if (user === undefined) {
    throw new Error(`kubeContext: "${context}" names the user "${entry.user ?? ""}", which ${where} does not define`);
  }
  const faults = accessFaults(cluster, user);
  if (faults.length > 0) throw new Error(faults.map((text) => `context ${context} of ${where}: ${text}`).join("\n"));
  return { cluster, user };
}

/** A server may be written without its scheme, which then depends on whether anything about TLS is set. */
function serverOf(cluster: ClusterEntry, user: UserEntry): URL {
  const server = cluster.server ?? "";
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(server)) return new URL(server);
  const aboutTls = ["certificate-authority", "certificate-authority-data"] as const;
  const ofUser = ["client-certificate", "client-certificate-data"] as const;
  const isSecure =
    cluster["insecure-skip-tls-verify"] === true ||
    aboutTls.some((name) => isText(cluster[name])) ||
    ofUser.some((name) => isText(user[name]));
  return new URL(`${isSecure ? "https" : "http"}://${server}`);
}

async function throughProxy(
  server: URL,
  proxy: URL,
  ca: Buffer | undefined,
): Promise<Pick<ConnectionOptions, "agent" | "checkServerIdentity">> {
  const agent = await proxyAgent(server, proxy, { ca });
  // Node takes a socket that it did not open itself for one to "localhost" when the server is an IP address.
  const name = bareHost(server.hostname);
  return { agent, ...(isIP(name) !== 0 && { checkServerIdentity: (_host, peer) => checkServerIdentity(name, peer) }) };
}

/** How the server is verified, and that it is: only the kubeconfig itself may switch that off. */
async function trustOf(
  cluster: ClusterEntry,
  authority: () => Promise<Buffer | undefined>,
): Promise<Omit<ConnectionOptions, "headers">> {
  const ca = await authority();
  const name = cluster["tls-server-name"];
  const options = verified({ ...(ca !== undefined && { ca }), ...(isText(name) && { servername: name }) });
  return cluster["insecure-skip-tls-verify"] === true ? { ...options, rejectUnauthorized: false } : options;
}

async function credentialsOf(
  user: UserEntry,
  source: CredentialSource | null,
  headers: ConnectionOptions["headers"],
): Promise<ConnectionOptions> {
  const cert = await material(user["client-certificate-data"], user["client-certificate"]);
  const key = await material(user["client-key-data"], user["client-key"]);
  const own: ConnectionOptions = {
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    headers: { ...headers, ...(await authorization(user)) },
  };
  // What the user entry itself holds wins.
  if (source === null || "Authorization" in own.headers) return own;
  const { token, certificate, key: privateKey } = await source.credential();
  return {
    ...own,
    ...(certificate !== undefined && privateKey !== undefined && { cert: certificate, key: privateKey }),
    headers: { ...own.headers, ...(token !== undefined && { Authorization: `Bearer ${token}` }) },
  };
}

async function authorization(user: UserEntry): Promise<Record<string, string>> {
  if (isText(user.username) || isText(user.password)) {
    const login = Buffer.from(`${user.username ?? ""}:${user.password ?? ""}`).toString("base64");
    return { Authorization: `Basic ${login}` };
  }
  const token = isText(user.tokenFile) ? (await readFile(user.tokenFile, "utf8")).trim() : user.token;
  return isText(token) ? { Authorization: `Bearer ${token}` } : {};
}

async function material(data: string | undefined, file: string | undefined): Promise<Buffer | undefined> {
  if (isText(data)) return Buffer.from(data, "base64");
  return isText(file) ? readFile(file) : undefined;
}
