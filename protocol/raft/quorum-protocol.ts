import { loginToken } from "../admin-access/admin-access-evidence.ts";
import { awaitCondition } from "../frame/await-condition.ts";
import { leadingNode } from "../vault-client/leading-node.ts";
import { placeOf, type ProtocolContext } from "../frame/protocol-context.ts";
import { type QuorumEvidence, quorumReasons } from "./quorum-judgement.ts";
import type { QuorumInputs } from "./quorum-properties.ts";
import { type VaultSession } from "../vault-client/vault-api.ts";
import { VaultRefusal, VaultNoAnswer } from "../vault-client/vault-error.ts";

/**
 * Waits until every pod votes in one healthy cluster.
 *
 * @returns what its leader says of it.
 * @throws ProtocolStop naming what each server is waiting for.
 */
export async function awaitQuorum(context: ProtocolContext, inputs: QuorumInputs): Promise<QuorumEvidence> {
  const { target } = inputs;
  return awaitCondition(context, placeOf(target, ""), context.timings.serve, async () => {
    const evidence = await quorumEvidence(context, inputs);
    if (evidence === null) return { missing: ["no server leads, or the leader does not know this stack's login"] };
    const missing = quorumReasons(target.pods, evidence);
    return missing.length === 0 ? { found: evidence } : { missing };
  });
}

/** What the leader says; null while there is none that takes this login. */
export async function quorumEvidence(context: ProtocolContext, inputs: QuorumInputs): Promise<QuorumEvidence | null> {
  const leader = await leadingNode(context, inputs.target);
  if (leader === null) return null;
  try {
    const token = await loginToken(leader, inputs.authPath, inputs);
    return token === null ? null : await withSession(leader.as(token), evidenceOf);
  } catch (error) {
    // It lost leadership meanwhile.
    if (error instanceof VaultNoAnswer || (error instanceof VaultRefusal && error.status >= 500)) return null;
    throw error;
  }
}

async function evidenceOf(session: VaultSession): Promise<QuorumEvidence> {
  const [servers, autopilot] = await Promise.all([session.raftServers(), session.autopilotState()]);
  return { servers, autopilot };
}

async function withSession<T>(session: VaultSession, work: (session: VaultSession) => Promise<T>): Promise<T> {
  try {
    return await work(session);
  } finally {
    await session.revokeSelf().catch(() => undefined);
  }
}
