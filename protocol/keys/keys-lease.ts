import { type HeldLease, LeaseLost, takeLease } from "../frame/lease.ts";
import type { ProtocolContext } from "../frame/protocol-context.ts";
import { busy, type Place } from "../stops/runbooks.ts";

/** A run that writes the keys. */
export interface KeysLeaseRun {
  readonly context: ProtocolContext;
  readonly place: Place;
  lease: HeldLease | null;
}

/**
 * Takes the one Lease for writing the keys. Pulumi's own lock is not enough: a killed CLI leaves its provider running,
 * and two stacks may share a namespace.
 */
export async function takeKeysLease(run: KeysLeaseRun): Promise<undefined> {
  const { kube, clock, runId, life, timings } = run.context;
  const { namespace, statefulSet } = run.place;
  try {
    const name = `${statefulSet}-init`;
    run.lease = await takeLease({ kube, clock, namespace, name, holder: runId, terms: timings.lease, life });
  } catch (error) {
    throw error instanceof LeaseLost ? busy(run.place, error.holder) : error;
  }
}

/** A lease that is not released expires by itself; what the run achieved must not fail because of it. */
export async function releaseKeysLease(run: KeysLeaseRun): Promise<undefined> {
  const held = run.lease;
  run.lease = null;
  await held?.release().catch(() => undefined);
}
