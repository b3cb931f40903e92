import { openContext, type ProtocolContext } from "./protocol-context.ts";
import { podVault } from "./pod-vault.ts";
import type { VaultTarget } from "./types.ts";
import { vaultNode } from "./vault-api.ts";

/** A preview asks this before it does anything else; waiting longer would be felt. */
const PROBE_MS = 900;

/**
 * Whether Vault serves right now: one of its nodes leads. Answers within a second; whatever keeps it from answering
 * counts as no.
 */
export async function isServing(target: VaultTarget): Promise<boolean> {
  return (await servingPod(target)) !== null;
}

/**
 * The pod that leads, for a connection that must reach it; null when none does or none answers in time.
 */
export async function servingPod(target: VaultTarget): Promise<string | null> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<null>((resolve) => {
    timer = setTimeout(resolve, PROBE_MS, null);
  });
  try {
    return await Promise.race([firstLeader(await openContext(target.kubeContext), target), tooLate]);
  } catch {
    return null;
  } finally {
    clearTimeout(timer);
  }
}

async function firstLeader(context: ProtocolContext, target: VaultTarget): Promise<string | null> {
  const timeouts = { request: PROBE_MS, initialize: PROBE_MS };
  const asked = target.pods.map(async (pod) => {
    const health = await vaultNode(podVault(context.kube, target, pod), context.clock, timeouts).health();
    if (health !== "active") {
      throw new Error(`${pod} does not lead`);
    }
    return pod;
  });
  return Promise.any(asked).catch(() => null);
}
