/**
 * `postgres:Ready` for Pulumi: check → pure; create, update → wait until the wanted pod answers its superuser; diff →
 * inputs; read and delete → nothing.
 */
import type { Pod, StatefulSet } from "../../kube/kube-objects.ts";
import { inPostgres, PostgresFailure } from "./postgres-session.ts";
import { openContext, type ProtocolContext } from "../frame/protocol-context.ts";
import { waitingReason } from "../vault-client/survey.ts";
import { awaitNothingMissing } from "../frame/await-nothing-missing.ts";
import { defineResource } from "../frame/resource-frame.ts";
import type { SerializedProvider } from "../frame/protocol-module.ts";
import type { PostgresTls } from "./postgres-target.ts";

/** Inputs of `postgres:Ready`, which are its outputs as well. */
export interface PostgresReadyInputs extends SerializedProvider {
  /** Context of the kubeconfig. */
  readonly kubeContext: string;
  readonly namespace: string;
  /** Name of the StatefulSet; resolves once the StatefulSet has been applied. */
  readonly statefulSet: string;
  /** Name of its pod. */
  readonly pod: string;
  /** Port inside the pod. */
  readonly port: number;
  /** How its certificate is verified. */
  readonly tls: PostgresTls | null;
  /** Changes when the pod is started anew. */
  readonly podsFingerprint: string;
  /** The superuser. */
  readonly username: string;
  /** Its password; secret. */
  readonly password: string;
  readonly protocolVersion: number;
}

/** Waits until the wanted pod answers its superuser; one that already serves is found at the first look. */
export const { check, diff, create, createIn, update, read, delete_ } = defineResource<
  ProtocolContext,
  PostgresReadyInputs
>({
  inside: async ({ kubeContext }, work) => work(await openContext(kubeContext)),
  idOf: ({ namespace, statefulSet }) => `${namespace}/${statefulSet}`,
  faults: (faults, inputs) => {
    const names = ["kubeContext", "statefulSet", "podsFingerprint", "username"] as const;
    for (const name of names) faults.text(name, inputs[name]);
    faults.label("namespace", inputs.namespace);
  },
  compared: [
    ...(["kubeContext", "namespace", "statefulSet", "pod", "port", "tls"] as const),
    ...(["podsFingerprint", "username", "password", "protocolVersion"] as const),
  ],
  reconcile: async (context, inputs) => {
    await serving(context, inputs);
    return {};
  },
});

async function serving(context: ProtocolContext, inputs: PostgresReadyInputs): Promise<void> {
  const { namespace, pod } = inputs;
  const timeoutSeconds = context.timings.ready / 1_000;
  await awaitNothingMissing(context.clock, {
    timeoutSeconds,
    pollMs: context.timings.poll,
    look: async () => {
      const reason = await obstacle(context, inputs);
      return reason === null ? [] : [reason];
    },
    explain: ([reason = ""]) =>
      `Postgres ${namespace}/${pod} did not answer within ${timeoutSeconds} s: ${reason}; ` +
      `look at \`kubectl --namespace ${namespace} describe pod ${pod}\` and its logs, remove the cause and run \`up\` again`,
  });
}

/** Why the wanted pod does not answer yet; null when it does. */
async function obstacle({ kube }: ProtocolContext, inputs: PostgresReadyInputs): Promise<string | null> {
  const { namespace, statefulSet, pod: name } = inputs;
  try {
    const wanted = await kube.readStatefulSet(namespace, statefulSet);
    const pod = await kube.readPod(namespace, name);
    const waiting = podObstacle(wanted, pod);
    if (waiting !== null) return waiting;
    const { username, password } = inputs;
    const login = { username, password, database: "postgres" };
    await inPostgres(kube, { kind: "pod", ...inputs }, login, (client) => client.query("SELECT 1"));
    return null;
  } catch (error) {
    if (error instanceof PostgresFailure) return error.message;
    throw error;
  }
}

/** Why the pod is not the one the StatefulSet wants, or does not run. Pure. */
export function podObstacle(wanted: StatefulSet | null, pod: Pod | null): string | null {
  if (wanted === null) return "the StatefulSet does not exist";
  const { generation = 0 } = wanted.metadata;
  const { observedGeneration = 0, updateRevision } = wanted.status ?? {};
  if (observedGeneration < generation) return "the StatefulSet's controller has not seen the change yet";
  if (pod === null) return "the pod does not exist";
  if (pod.metadata.labels?.["controller-revision-hash"] !== updateRevision) {
    return "the pod is of an older revision and not replaced yet";
  }
  return waitingReason(pod);
}
