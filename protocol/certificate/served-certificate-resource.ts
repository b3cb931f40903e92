/**
 * `vault:ServedCertificate` for Pulumi: check → pure; create, update → wait until the right certificate is served;
 * diff, read → look; delete → nothing, since nothing was made.
 */
import { givenFingerprint } from "./asked-certificate.ts";
import { noPassthrough, staleCertificate } from "../stops/certificate-stops.ts";
import { type Faults, field, shown } from "../frame/faults.ts";
import { placeOf, type ProtocolContext } from "../frame/protocol-context.ts";
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
import type { VaultTarget } from "../frame/vault-target.ts";
import { isUnknown } from "../frame/unknown.ts";
import { defineResource, inVault } from "../frame/resource-frame.ts";

/** Waits until the right certificate is served. */
export const { check, diff, create, createIn, update, read, delete_ } = defineResource<
  ProtocolContext,
  ServedCertificateInputs,
  ServedCertificateOutputs,
  Passage
>({
  ...inVault,
  faults: (faults, inputs) => {
    targetFaults(faults, inputs.target);
    faults.text("host", inputs.host);
    entranceFaults(faults, inputs.entrance);
  },
  compared: ["target", "host", "entrance", "protocolVersion"],
  isOff: ({ passesThrough }) => passesThrough !== true,
  find: lookAtPassage,
  hasWork: ({ kind }) => kind === "foreign",
  reconcile: async (context, inputs) => {
    await awaitOwn(context, inputs);
    return { passesThrough: true };
  },
  look: async (context, props) => ({ passesThrough: (await lookAtPassage(context, props)).kind !== "foreign" }),
});

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

/**
 * A proxy takes a while to learn of a route; until then it may well answer with a certificate of its own. A pod takes a
 * minute to receive what its Secret holds.
 */
async function awaitOwn(context: ProtocolContext, inputs: ServedCertificateInputs): Promise<void> {
  const { clock, timings } = context;
  const { entrance, target, host } = inputs;
  const begun = clock.now();
  let isHurried = false;
  for (;;) {
    const passage = await lookAtPassage(context, inputs);
    if (passage.kind === "own") return;
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
  // An answer tells more than silence, behind which a data plane may still be starting.
  return kind === "foreign" ? timings.serve / 3 : timings.serve;
}

/**
 * Makes the kubelet look at the pods now, as it does after any change to them, instead of within its usual minute. An
 * account that may not annotate pods waits that long.
 */
async function hurry(context: ProtocolContext, { namespace, pods }: VaultTarget, secret: string): Promise<void> {
  const fingerprint = await givenFingerprint(context, namespace, secret);
  if (fingerprint === null) return;
  const annotations = { "vaultstack/certificate": fingerprint };
  await Promise.allSettled(pods.map((pod) => context.kube.annotatePod(namespace, pod, annotations)));
}
