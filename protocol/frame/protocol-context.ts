import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { connectKube, type KubeApi } from "../../kube/kube-client.ts";
import { type Clock, wallClock } from "./clock.ts";
import { leaseTerms, type LeaseTerms } from "./lease.ts";
import type { Place } from "../stops/runbooks.ts";
import { publishStep, type StepObserver } from "./steps.ts";
import type { SurveyArgs } from "../vault-client/survey.ts";
import type { VaultTarget } from "./vault-target.ts";
import { vaultTimeouts, type VaultTimeouts } from "../vault-client/vault-api.ts";

/** Deadlines of a run, in milliseconds. */
export interface Timings {
  /** Between two looks at something awaited. */
  readonly poll: number;
  /** For pods to come up, image pulls included. */
  readonly ready: number;
  /** For writing the keys, once Vault is initialised. */
  readonly store: number;
  /** For nodes to become unsealed and lead once they have their shares. */
  readonly serve: number;
  /** For ending a root token: as long as a cluster takes to find another leader. */
  readonly endRoot: number;
  readonly vault: VaultTimeouts;
  readonly lease: LeaseTerms;
}

/** What every protocol runs in. */
export interface ProtocolContext {
  readonly kube: KubeApi;
  readonly clock: Clock;
  readonly timings: Timings;
  /** Names this run in the Lease and in what it writes. */
  readonly runId: string;
  readonly observe: StepObserver;
  /** Aborted when the run is dead; ends its background work. */
  readonly life: AbortSignal;
}

/** Deadlines for a real cluster. */
const defaultTimings: Timings = {
  poll: 300,
  ready: 300_000,
  store: 120_000,
  serve: 90_000,
  endRoot: 30_000,
  vault: vaultTimeouts,
  lease: leaseTerms,
};

/** The context of a run against the cluster of a kubeconfig context. */
export async function openContext(kubeContext: string): Promise<ProtocolContext> {
  return {
    kube: await connectKube(kubeContext),
    clock: wallClock,
    timings: defaultTimings,
    runId: `${hostname()}-${randomUUID()}`,
    observe: publishStep,
    life: new AbortController().signal,
  };
}

/** What a survey of this target needs. */
export function surveyArgs(context: ProtocolContext, target: VaultTarget): SurveyArgs {
  return {
    kube: context.kube,
    clock: context.clock,
    target,
    requestMs: Math.min(context.timings.vault.request, 3_000),
  };
}

/** The names a message speaks of. */
export function placeOf(target: VaultTarget, keysSecret: string): Place {
  return { namespace: target.namespace, statefulSet: target.statefulSet, keysSecret };
}
