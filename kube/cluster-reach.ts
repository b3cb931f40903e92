import { kubeApi } from "./kube-client.ts";
import { KubeError } from "./kube-error.ts";
import type { StatefulSet } from "./kube-objects.ts";
import { loadClusterAccess } from "./kubeconfig/kubeconfig.ts";

/** What every run looks at, so that whoever may not read it is told at once. */
export interface LookedAt {
  /** Context of the kubeconfig. */
  readonly kubeContext: string;
  readonly namespace: string;
  /** A StatefulSet in it, which need not exist. */
  readonly statefulSet: string;
}

/** What the look found. */
export type ClusterLook = { readonly found: StatefulSet | null } | { readonly fault: string };

// One question without a retry: long enough for a distant server, while a person waits for the answer.
const patience = { timeoutMs: 5_000, attempts: 1 };

/**
 * Asks the cluster one question, which must come before anything is declared: otherwise providers would fail on each
 * object, with messages about that object, and what is known of a cluster that does not answer would be guesswork.
 * @param env Environment that leads to the kubeconfig. @default process.env
 * @returns What it answers; else one sentence that says which cluster cannot be asked, why, and what to do.
 */
export async function lookAtCluster(asked: LookedAt, env: NodeJS.ProcessEnv = process.env): Promise<ClusterLook> {
  const { kubeContext, namespace, statefulSet } = asked;
  let server = "";
  try {
    const access = await loadClusterAccess(kubeContext, env);
    server = ` (${access.server.origin})`;
    return { found: await kubeApi(access, patience).readStatefulSet(namespace, statefulSet) };
  } catch (error) {
    // What is wrong with the kubeconfig itself is said where it is read.
    if (server === "" || !(error instanceof KubeError)) return { fault: wordsOf(error) };
    return { fault: `kubeContext: "${kubeContext}"${server} must ${explain(error)}` };
  }
}

/**
 * Only the fault of {@link lookAtCluster}.
 * @returns The sentence; null when the cluster answers.
 */
export async function clusterFault(asked: LookedAt, env?: NodeJS.ProcessEnv): Promise<string | null> {
  const look = await lookAtCluster(asked, env);
  return "fault" in look ? look.fault : null;
}

function explain(error: KubeError): string {
  const got = `got ${wordsOf(error.cause ?? error)}`;
  switch (error.kind) {
    case "unauthorized":
      return `take the login of the kubeconfig, ${got}; renew the login and run this again`;
    case "forbidden":
      return `let this login read what the stack is made of, ${got}; have the right given to it, or use another context`;
    case "unreachable":
      return isDistrust(error.cause)
        ? `be who the kubeconfig says, ${got}; correct certificate-authority-data or server of the context`
        : `answer, ${got}; start the cluster or the way to it, or name another context (\`pulumi config set kubeContext <context>\`), and run this again`;
    case "conflict":
    case "invalid":
    case "not-found":
    case "unavailable":
      return `answer as a Kubernetes API does, ${got}; correct server of the context, or wait until the cluster is healthy`;
  }
}

/** Somebody else's certificate, or no TLS at all, which asking again does not fix. */
function isDistrust(cause: unknown): boolean {
  if (!(cause instanceof Error && "code" in cause && typeof cause.code === "string")) return false;
  return /^(ERR_(TLS|SSL)_|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|EPROTO|HOSTNAME_MISMATCH)/.test(cause.code);
}

function wordsOf(error: unknown): string {
  // Several addresses of one name were tried: the first says enough.
  const told = error instanceof AggregateError && error.message === "" ? (error.errors[0] as unknown) : error;
  return (told instanceof Error ? told.message : String(told)).trim().replace(/\s+/g, " ");
}
