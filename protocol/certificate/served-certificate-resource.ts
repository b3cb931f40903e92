/**
 * `vault:ServedCertificate` for Pulumi: check → pure; create, update → wait until the right certificate is served; diff, read → look; delete → nothing, since nothing was made.
 */
import type { dynamic } from "@pulumi/pulumi";
import { givenFingerprint } from "./asked-certificate.ts";
import { noPassthrough, staleCertificate } from "../stops/certificate-stops.ts";
import { type Fault, Faults, field, shown } from "../frame/faults.ts";
import { glance } from "../frame/glance.ts";
import { resourceId, withoutProvider } from "../frame/partial-failure.ts";
import { openContext, placeOf, type ProtocolContext } from "../frame/protocol-context.ts";
import {
  describeEntrance,
  type Entrance,
  lookAtPassage,
  parseAddress,
  type Passage,
  type ServedCertificateInputs,
  type ServedCertificateOutputs,
} from "./served-certificate.ts";
import { targetFaults } from "../frame/target-faults.ts";
import type { VaultTarget } from "../types.ts";
import { changedProperties, isUnknown } from "../frame/unknown.ts";

/** Every fault of the inputs at once; nothing is contacted. */
export function check(
  _olds: ServedCertificateInputs,
  news: ServedCertificateInputs,
): Promise<dynamic.CheckResult<ServedCertificateInputs>> {
  return Promise.resolve({ inputs: news, failures: inputFaults(news) });
}

function inputFaults(inputs: ServedCertificateInputs): Fault[] {
  const faults = new Faults();
  targetFaults(faults, inputs.target);
  faults.text("host", inputs.host);
  entranceFaults(faults, inputs.entrance);
  faults.integer("protocolVersion", inputs.protocolVersion, 1, Number.MAX_SAFE_INTEGER);
  return [...faults.list];
}

function entranceFaults(faults: Faults, entrance: unknown): void {
  if (isUnknown(entrance)) return;
  const kind = field(entrance, "kind");
  const kinds: unknown[] = ["gateway", "address", "pods"];
  faults.expect("entrance.kind", kind, kinds.includes(kind), "be gateway, address or pods", shown(kind));
  if (kind === "pods") faults.text("entrance.secret", field(entrance, "secret"));
  if (kind === "gateway") {
    faults.label("entrance.namespace", field(entrance, "namespace"));
    faults.text("entrance.name", field(entrance, "name"));
  }
  if (kind === "address") {
    const address = field(entrance, "address");
    const holds = typeof address === "string" && parseAddress(address) !== null;
    faults.expect(
      "entrance.address",
      address,
      holds,
      "be a host and a port, such as vault.example.com:443",
      shown(address),
    );
  }
}

/** An update when an input changed or another certificate is served; what cannot be asked is no reason to act. */
export async function diff(
  _id: string,
  olds: ServedCertificateOutputs,
  news: ServedCertificateInputs,
): Promise<dynamic.DiffResult> {
  const inputs = ["target", "host", "entrance", "protocolVersion"] as const;
  // A state edited by hand may lack any output.
  const found: Partial<ServedCertificateOutputs> = olds;
  if (changedProperties<ServedCertificateInputs>(olds, news, inputs).length > 0 || found.passesThrough !== true) {
    return { changes: true };
  }
  const passage = await glance(async () => lookAtPassage(await openContext(news.target.kubeContext), news));
  return { changes: passage?.kind === "foreign" };
}

/** Waits until the right certificate is served. */
export async function create(inputs: ServedCertificateInputs): Promise<dynamic.CreateResult<ServedCertificateOutputs>> {
  return createIn(await openContext(inputs.target.kubeContext), inputs);
}

/** {@link create} in a given context. */
export async function createIn(
  context: ProtocolContext,
  inputs: ServedCertificateInputs,
): Promise<dynamic.CreateResult<ServedCertificateOutputs>> {
  return { id: resourceId(inputs.target), outs: await awaitOwn(context, inputs) };
}

/** The same as {@link create}. */
export async function update(
  _id: string,
  _olds: ServedCertificateOutputs,
  news: ServedCertificateInputs,
): Promise<dynamic.UpdateResult<ServedCertificateOutputs>> {
  return { outs: await awaitOwn(await openContext(news.target.kubeContext), news) };
}

/**
 * What is served now.
 *
 * @throws when the API server does not answer.
 */
export async function read(
  id: string,
  props: ServedCertificateOutputs,
): Promise<dynamic.ReadResult<ServedCertificateOutputs>> {
  const passage = await lookAtPassage(await openContext(props.target.kubeContext), props);
  return { id, props: { ...props, passesThrough: passage.kind !== "foreign" } };
}

/** Nothing to do. */
export function delete_(): Promise<void> {
  return Promise.resolve();
}

/**
 * A proxy takes a while to learn of a route; until then it may well answer with a certificate of its own. A pod takes a
 * minute to receive what its Secret holds.
 */
async function awaitOwn(context: ProtocolContext, inputs: ServedCertificateInputs): Promise<ServedCertificateOutputs> {
  const { clock, timings } = context;
  const { entrance, target, host } = inputs;
  const begun = clock.now();
  let isHurried = false;
  for (;;) {
    const passage = await lookAtPassage(context, inputs);
    if (passage.kind === "own") return { ...withoutProvider(inputs), passesThrough: true };
    if (entrance.kind === "pods" && !isHurried) {
      isHurried = true;
      await hurry(context, target, entrance.secret);
    }
    if (clock.now() > begun + patience(context, entrance, passage)) {
      throw entrance.kind === "pods"
        ? staleCertificate(placeOf(target, ""), entrance.secret, passage.reason)
        : noPassthrough(host, describeEntrance(entrance), passage.reason);
    }
    await clock.sleep(timings.poll);
  }
}

function patience({ timings }: ProtocolContext, entrance: Entrance, { kind }: Passage): number {
  if (entrance.kind === "pods") return timings.ready;
  // An answer is nearer to the truth than silence, behind which a data plane may be starting.
  return kind === "foreign" ? timings.serve / 3 : timings.serve;
}

/**
 * Lets the kubelet look at the pods now, which it does at any change of them, instead of within its minute. Whoever may
 * not annotate pods waits for it.
 */
async function hurry(context: ProtocolContext, { namespace, pods }: VaultTarget, secret: string): Promise<void> {
  const fingerprint = await givenFingerprint(context, namespace, secret);
  if (fingerprint === null) return;
  const annotations = { "vaultstack/certificate": fingerprint };
  await Promise.allSettled(pods.map((pod) => context.kube.annotatePod(namespace, pod, annotations)));
}
