/**
 * `postgres:Ready` for Pulumi: check → pure; create, update → wait until the wanted pod answers its superuser; diff → inputs;
 * read and delete → nothing.
 */
import type { dynamic } from "@pulumi/pulumi";
import type { Pod, StatefulSet } from "../../kube/kube-objects.ts";
import { isTransient } from "../../kube/kube-error.ts";
import { Faults } from "../frame/faults.ts";
import { withoutProvider } from "../frame/partial-failure.ts";
import { inPostgres } from "./postgres-session.ts";
import { openContext, type ProtocolContext } from "../frame/protocol-context.ts";
import { waitingReason } from "../vault-client/survey.ts";
import type { PostgresReadyInputs } from "../types.ts";
import { changedProperties } from "../frame/unknown.ts";

/** Every fault of the inputs at once; nothing is contacted. */
export function check(
  _olds: PostgresReadyInputs,
  news: PostgresReadyInputs,
): Promise<dynamic.CheckResult<PostgresReadyInputs>> {
  const faults = new Faults();
  for (const name of ["kubeContext", "statefulSet", "podsFingerprint", "username"] as const)
    faults.text(name, news[name]);
  faults.label("namespace", news.namespace);
  faults.integer("protocolVersion", news.protocolVersion, 1, Number.MAX_SAFE_INTEGER);
  return Promise.resolve({ inputs: news, failures: faults.list });
}

/** An update when the pod is started anew, or its superuser has another password. */
export function diff(_id: string, olds: PostgresReadyInputs, news: PostgresReadyInputs): Promise<dynamic.DiffResult> {
  const inputs = [
    ...(["kubeContext", "namespace", "statefulSet", "pod", "port", "tls"] as const),
    ...(["podsFingerprint", "username", "password", "protocolVersion"] as const),
  ];
  return Promise.resolve({ changes: changedProperties<PostgresReadyInputs>(olds, news, inputs).length > 0 });
}

/** Waits until the server answers. */
export async function create(inputs: PostgresReadyInputs): Promise<dynamic.CreateResult<PostgresReadyInputs>> {
  return createIn(await openContext(inputs.kubeContext), inputs);
}

/** {@link create} in a given context. */
export async function createIn(
  context: ProtocolContext,
  inputs: PostgresReadyInputs,
): Promise<dynamic.CreateResult<PostgresReadyInputs>> {
  await serving(context, inputs);
  return { id: `${inputs.namespace}/${inputs.statefulSet}`, outs: withoutProvider(inputs) };
}

/** The same: what serves already is found at the first look. */
export async function update(
  _id: string,
  _olds: PostgresReadyInputs,
  news: PostgresReadyInputs,
): Promise<dynamic.UpdateResult<PostgresReadyInputs>> {
  await serving(await openContext(news.kubeContext), news);
  return { outs: withoutProvider(news) };
}

/** As it is known. */
export function read(id: string, props: PostgresReadyInputs): Promise<dynamic.ReadResult<PostgresReadyInputs>> {
  return Promise.resolve({ id, props });
}

/** Nothing to do. */
export function delete_(): Promise<void> {
  return Promise.resolve();
}

async function serving(context: ProtocolContext, inputs: PostgresReadyInputs): Promise<void> {
  const { clock, timings } = context;
  const deadline = clock.now() + timings.ready;
  for (;;) {
    const reason = await obstacle(context, inputs);
    if (reason === null) return;
    if (clock.now() > deadline) {
      const { namespace, pod } = inputs;
      throw new Error(
        `Postgres ${namespace}/${pod} did not answer within ${timings.ready / 1_000} s: ${reason}; ` +
          `look at \`kubectl --namespace ${namespace} describe pod ${pod}\` and its logs, remove the cause and run \`up\` again`,
      );
    }
    await clock.sleep(timings.poll);
  }
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
    // An API server that falls silent is waited for as well; a refusal is not going to change.
    if (error instanceof Error && (isTransient(error) || error.message.startsWith("Postgres at"))) return error.message;
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
