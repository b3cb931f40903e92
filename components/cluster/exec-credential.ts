import { spawn } from "node:child_process";
import { z } from "zod";
import { fault, hidden } from "../shared/errors.ts";
import { type ClusterEntry, type ExecEntry, isText } from "./kubeconfig-file.ts";

/** What proves who somebody is. */
export interface Credential {
  readonly token?: string;
  /** PEM. */
  readonly certificate?: string;
  /** PEM. */
  readonly key?: string;
}

/** Where credentials come from, asked as seldom as they allow. */
export interface CredentialSource {
  /** What is good now. */
  credential(): Promise<Credential>;
  /** The API server did not accept it: the next one is asked for anew. */
  forget(): void;
}

/**
 * An exec plugin of a kubeconfig, run by the rules of `kubectl`. The official JavaScript client runs them too, but tells them
 * nothing (`KUBERNETES_EXEC_INFO`) and asks again for each request.
 * @param exec The plugin; check it by `accessFaults` first.
 * @param cluster The cluster, of which it is told when it wants to be.
 * @param certificateAuthority Reads what the cluster's API server is verified by.
 * @param env The environment that the plugin inherits.
 * @returns The plugin.
 */
export function execPlugin(
  exec: ExecEntry,
  cluster: ClusterEntry,
  certificateAuthority: () => Promise<Buffer | undefined>,
  env: NodeJS.ProcessEnv,
): CredentialSource {
  let asked: Promise<{ readonly credential: Credential; readonly ends: number }> | null = null;
  const ask = async () => {
    const info = await execInfo(exec, cluster, certificateAuthority);
    const own = (exec.env ?? []).map(({ name = "", value = "" }) => [name, value] as const);
    const variables = { ...env, ...Object.fromEntries(own), KUBERNETES_EXEC_INFO: JSON.stringify(info) };
    return answerOf(exec, await run(exec, variables, info.spec.interactive));
  };
  return {
    credential: async () => {
      // One that failed is asked again; requests that come together share one.
      if (asked !== null && !(await isGood(asked))) asked = null;
      asked ??= ask();
      return (await asked).credential;
    },
    forget: () => {
      asked = null;
    },
  };
}

async function isGood(asked: Promise<{ readonly ends: number }>): Promise<boolean> {
  return asked.then(
    ({ ends }) => Date.now() < ends,
    () => false,
  );
}

async function execInfo(exec: ExecEntry, cluster: ClusterEntry, certificateAuthority: () => Promise<Buffer | undefined>) {
  const interactive = isInteractive(exec);
  const about = exec.provideClusterInfo === true ? { cluster: await clusterInfo(cluster, certificateAuthority) } : {};
  return { apiVersion: exec.apiVersion, kind: "ExecCredential", spec: { ...about, interactive } };
}

function isInteractive({ interactiveMode, command }: ExecEntry): boolean {
  if (interactiveMode === "Never") return false;
  if (process.stdin.isTTY) return true;
  if (interactiveMode !== "Always") return false;
  const must = `must not be Always for ${command ?? ""}, because nobody can be asked while Pulumi runs`;
  throw new Error(fault("exec.interactiveMode", must, interactiveMode, "log in first, or use another login of the plugin"));
}

async function clusterInfo(cluster: ClusterEntry, certificateAuthority: () => Promise<Buffer | undefined>) {
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

async function run(exec: ExecEntry, env: NodeJS.ProcessEnv, interactive: boolean): Promise<string> {
  const { command = "", args, installHint } = exec;
  return new Promise((resolve, reject) => {
    // What it has to tell a person, such as where to log in, is for them to see at once.
    const plugin = spawn(command, [...(args ?? [])], {
      env,
      stdio: [interactive ? "inherit" : "ignore", "pipe", "inherit"],
    });
    const chunks: Buffer[] = [];
    plugin.stdout?.on("data", (chunk: Buffer) => chunks.push(chunk));
    plugin.on("error", (error: NodeJS.ErrnoException) => {
      const hint = isText(installHint) ? installHint.replaceAll(/\p{Cc}+/gu, " ").trim() : "install it";
      reject(new Error(fault("exec.command", `must be a program that runs (${error.code ?? "no code"})`, command, hint)));
    });
    plugin.on("close", (code, signal) => {
      if (code === 0) resolve(Buffer.concat(chunks).toString("utf8"));
      else reject(new Error(`the exec plugin ${command} of the kubeconfig: must succeed, got ${code ?? signal}; see what it said above, and try it with kubectl`));
    });
  });
}

const answer = z.object({
  apiVersion: z.string(),
  kind: z.literal("ExecCredential"),
  status: z.object({
    token: z.string().optional(),
    clientCertificateData: z.string().optional(),
    clientKeyData: z.string().optional(),
    expirationTimestamp: z.string().nullish(),
  }),
});

/** Nothing of what was printed is repeated: it may be a token. */
function answerOf(exec: ExecEntry, printed: string): { credential: Credential; ends: number } {
  const at = `the exec plugin ${exec.command ?? ""} of the kubeconfig`;
  const parsed = answer.safeParse(jsonOf(printed));
  if (!parsed.success) throw new Error(fault(at, "must print an ExecCredential with a status", hidden, "update it"));
  const { apiVersion, status } = parsed.data;
  if (apiVersion !== exec.apiVersion) {
    throw new Error(fault(at, `must answer by ${exec.apiVersion ?? ""}`, apiVersion, "set exec.apiVersion to what it speaks"));
  }
  const { token, clientCertificateData: certificate, clientKeyData: key, expirationTimestamp } = status;
  if (isText(certificate) !== isText(key) || !(isText(token) || isText(certificate))) {
    throw new Error(fault(at, "must print a token, or a certificate with its key", hidden, "update it"));
  }
  return {
    credential: {
      ...(isText(token) && { token }),
      ...(isText(certificate) && isText(key) && { certificate, key }),
    },
    ends: isText(expirationTimestamp) ? Date.parse(expirationTimestamp) : Number.POSITIVE_INFINITY,
  };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
