import type { KubeApi } from "../../kube/kube-client.ts";
import { isTransient, KubeError } from "../../kube/kube-error.ts";
import type { Lease } from "../../kube/kube-objects.ts";
import type { Clock } from "./clock.ts";

/** How a lease behaves. */
export interface LeaseTerms {
  /** After this long without renewal others may take it. */
  readonly seconds: number;
  /** How long to wait for one that somebody else holds, in milliseconds. */
  readonly patience: number;
}

/** Long enough to outlive a stall of the API server, short enough to wait for after a crash. */
export const leaseTerms: LeaseTerms = { seconds: 15, patience: 120_000 };

/** A lease we hold. */
export interface HeldLease {
  /** Renews now; throws {@link LeaseLost} when somebody else has taken it. */
  confirm(): Promise<void>;
  /** Gives it back, so that the next run need not wait. */
  release(): Promise<void>;
}

/** The lease is somebody else's: another process works on the same Vault. */
export class LeaseLost extends Error {
  override readonly name = "LeaseLost";
  readonly holder: string;

  constructor(name: string, holder: string) {
    super(`lease ${name}: held by another run (${holder})`);
    this.holder = holder;
  }
}

/** Who asks for which lease. */
export interface LeaseRequest {
  readonly kube: KubeApi;
  readonly clock: Clock;
  readonly namespace: string;
  readonly name: string;
  /** Identity of this run. */
  readonly holder: string;
  readonly terms: LeaseTerms;
  /** Ends the renewals, as the end of the process would. */
  readonly life: AbortSignal;
}

/**
 * Takes the lease, waiting for another holder to release it or to stop renewing.
 *
 * As in Kubernetes' own leader election, a holder counts as gone only after a whole term in which *we* saw no
 * renewal: clocks of two machines need not agree.
 *
 * @throws {@link LeaseLost} when the other holder outlasts the patience.
 */
export async function takeLease(request: LeaseRequest): Promise<HeldLease> {
  const { kube, clock, namespace, name, terms } = request;
  const started = clock.now();
  let seen = { renewTime: "", at: started };
  for (;;) {
    const lease = await kube.readLease(namespace, name);
    const holder = lease?.spec.holderIdentity ?? "";
    const renewTime = lease?.spec.renewTime ?? "";
    if (renewTime !== seen.renewTime) seen = { renewTime, at: clock.now() };
    const term = (lease?.spec.leaseDurationSeconds ?? terms.seconds) * 1000;
    if (holder === "" || holder === request.holder || clock.now() - seen.at > term) {
      try {
        await writeLease(request, lease);
        return hold(request);
      } catch (error) {
        if (!(error instanceof KubeError && error.kind === "conflict")) throw error;
        // Somebody was faster: look again to see who.
      }
    } else if (clock.now() - started > terms.patience) {
      throw new LeaseLost(`${namespace}/${name}`, holder);
    }
    await clock.sleep(leasePollMs);
  }
}

const leasePollMs = 500;

async function writeLease(request: LeaseRequest, previous: Lease | null): Promise<Lease> {
  const now = microTime(request.clock.now());
  const same = previous?.spec.holderIdentity === request.holder;
  const spec = {
    holderIdentity: request.holder,
    leaseDurationSeconds: request.terms.seconds,
    acquireTime: same ? (previous.spec.acquireTime ?? now) : now,
    renewTime: now,
    leaseTransitions: (previous?.spec.leaseTransitions ?? 0) + (same ? 0 : 1),
  };
  const metadata = { namespace: request.namespace, name: request.name };
  const lease: Lease = {
    apiVersion: "coordination.k8s.io/v1",
    kind: "Lease",
    metadata: previous?.metadata ?? metadata,
    spec,
  };
  return previous === null ? request.kube.createLease(lease) : request.kube.replaceLease(lease);
}

function hold(request: LeaseRequest): HeldLease {
  const { kube, clock, namespace, name, terms } = request;
  let released = false;

  const renew = async (): Promise<void> => {
    const current = await kube.readLease(namespace, name);
    if (current?.spec.holderIdentity !== request.holder) {
      throw new LeaseLost(`${namespace}/${name}`, current?.spec.holderIdentity ?? "nobody");
    }
    await writeLease(request, current);
  };

  const keepRenewing = async (): Promise<void> => {
    for (;;) {
      await clock.sleep((terms.seconds * 1000) / 3);
      if (released || request.life.aborted) return;
      try {
        await renew();
      } catch (error) {
        // confirm() asks again before the one step that cannot be undone.
        if (error instanceof LeaseLost) return;
      }
    }
  };

  void keepRenewing();

  return {
    confirm: () => retryTransient(clock, renew),
    release: async () => {
      released = true;
      const current = await kube.readLease(namespace, name);
      if (current?.spec.holderIdentity === request.holder) {
        await kube.replaceLease({ ...current, spec: { ...current.spec, holderIdentity: "" } });
      }
    },
  };
}

async function retryTransient(clock: Clock, action: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await action();
      return;
    } catch (error) {
      const again = isTransient(error) || (error instanceof KubeError && error.kind === "conflict");
      if (!again || attempt === 5) throw error;
      await clock.sleep(300 * attempt);
    }
  }
}

/** RFC 3339 with the microseconds Kubernetes insists on. */
function microTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace("Z", "000Z");
}
