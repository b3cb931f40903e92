import type { User } from "@kubernetes/client-node";
import { fault, hidden } from "../../shared/errors.ts";
import { type ClusterEntry, type ExecEntry, isText } from "./kubeconfig-file.ts";

/** What proves who somebody is. */
export interface Credential {
  readonly token?: string;
  /** PEM. */
  readonly certificate?: string;
  /** PEM. */
  readonly key?: string;
}

/** Where credentials come from, asked as rarely as they allow. */
export interface CredentialSource {
  /** The credential that is valid now. */
  credential(): Promise<Credential>;
  /** The API server did not accept it: the next one is asked for anew. */
  forget(): void;
}

/**
 * An exec plugin of a kubeconfig, run by the official client, which caches what the plugin gave for as long as that is
 * valid. What `kubectl` tells a plugin (`KUBERNETES_EXEC_INFO`) and the client leaves out is added here.
 * @param exec The plugin; check it with `accessFaults` first.
 * @param cluster The cluster, which the plugin is told about if it asks for that.
 * @param certificateAuthority Reads what the cluster's API server is verified by.
 */
export function execPlugin(
  exec: ExecEntry,
  cluster: ClusterEntry,
  certificateAuthority: () => Promise<Buffer | undefined>,
): CredentialSource {
  let opened: ReturnType<typeof open> | null = null;
  return {
    credential: async () => {
      opened ??= open();
      const plugin = await opened;
      const info = JSON.stringify(await execInfo(exec, cluster, certificateAuthority));
      const env = [...(exec.env ?? []), { name: "KUBERNETES_EXEC_INFO", value: info }];
      const user: User = { name: "exec", exec: { ...exec, args: exec.args ?? [], env } };
      return answerOf(exec, async (options) => plugin.applyAuthentication(user, options));
    },
    forget: () => {
      opened = null;
    },
  };
}

/** Without the classes that are generated for every Kubernetes kind, which take a third of a second to load. */
async function open() {
  const { ExecAuth } = await import("@kubernetes/client-node/dist/exec_auth.js");
  return new ExecAuth();
}

async function execInfo(
  exec: ExecEntry,
  cluster: ClusterEntry,
  certificateAuthority: () => Promise<Buffer | undefined>,
): Promise<object> {
  const about = exec.provideClusterInfo === true ? { cluster: await clusterInfo(cluster, certificateAuthority) } : {};
  // Nobody can be asked while Pulumi runs.
  return { apiVersion: exec.apiVersion, kind: "ExecCredential", spec: { ...about, interactive: false } };
}

async function clusterInfo(
  cluster: ClusterEntry,
  certificateAuthority: () => Promise<Buffer | undefined>,
): Promise<object> {
  const authority = await certificateAuthority();
  const config = cluster.extensions?.find(({ name }) => name === "client.authentication.k8s.io/exec")?.extension;
  return {
    server: cluster.server,
    ...(isText(cluster["tls-server-name"]) && { "tls-server-name": cluster["tls-server-name"] }),
    ...(cluster["insecure-skip-tls-verify"] === true && { "insecure-skip-tls-verify": true }),
    ...(authority !== undefined && { "certificate-authority-data": authority.toString("base64") }),
    ...(isText(cluster["proxy-url"]) && { "proxy-url": cluster["proxy-url"] }),
    ...(cluster["disable-compression"] === true && { "disable-compression": true }),
    ...(config !== undefined && { config }),
  };
}

interface Answer {
  cert?: string;
  key?: string;
  headers: Record<string, string>;
}

/** Nothing that was printed for a program to read is repeated: it may be a token. */
async function answerOf(exec: ExecEntry, ask: (answer: Answer) => Promise<void>): Promise<Credential> {
  const at = `the exec plugin ${exec.command ?? ""} of the kubeconfig`;
  const answer: Answer = { headers: {} };
  const failure = await ask(answer).then(
    () => null,
    (error: unknown) => (error instanceof Error ? error : new Error("unknown fault")),
  );
  // Their messages would repeat what was printed.
  if (failure instanceof SyntaxError || failure instanceof TypeError) {
    throw new Error(fault(at, "must print an ExecCredential with a status", hidden, "update it"));
  }
  if (failure !== null) {
    const said = failure.message.trim();
    const hint = isText(exec.installHint)
      ? exec.installHint.replaceAll(/\p{Cc}+/gu, " ").trim()
      : "try it with kubectl";
    throw new Error(`${at}: must succeed, got ${said === "" ? "a failure without a word" : said}; ${hint}`);
  }
  const token = answer.headers["Authorization"]?.replace(/^Bearer /, "");
  const { cert: certificate, key } = answer;
  if (isText(certificate) !== isText(key) || !(isText(token) || isText(certificate))) {
    throw new Error(fault(at, "must print a token, or a certificate with its key", hidden, "update it"));
  }
  return { ...(isText(token) && { token }), ...(isText(certificate) && isText(key) && { certificate, key }) };
}
