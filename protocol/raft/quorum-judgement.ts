import type { AutopilotState, RaftServer } from "../vault-client/raft-answers.ts";

/** What a leader says of its cluster. */
export interface QuorumEvidence {
  readonly servers: readonly RaftServer[];
  readonly autopilot: AutopilotState;
}

/**
 * What is missing until exactly these pods vote and are healthy; empty when nothing is. Pure.
 *
 * A server that has just joined does not vote until it has been stable for a while, and one that lost its volume is a
 * voter in name only until it has caught up.
 */
export function quorumReasons(pods: readonly string[], { servers, autopilot }: QuorumEvidence): string[] {
  const members = new Map(servers.map((server) => [server.node_id, server]));
  const reasons = pods.flatMap((pod) => {
    const member = members.get(pod);
    if (member === undefined) return [`server ${pod} has not joined`];
    if (!member.voter) return [`server ${pod} does not vote yet`];
    const judged = autopilot.servers[pod];
    return judged?.healthy === true ? [] : [`server ${pod} is not healthy`];
  });
  const strangers = servers.map((server) => server.node_id).filter((id) => !pods.includes(id));
  reasons.push(...strangers.map((id) => `server ${id} belongs to the cluster and has no pod`));
  const leaders = servers.filter((server) => server.leader);
  if (leaders.length !== 1) {
    reasons.push(leaders.length === 0 ? "no server leads" : `${leaders.length} servers say they lead`);
  }
  if (reasons.length === 0 && !autopilot.healthy) reasons.push("the cluster does not call itself healthy");
  return reasons;
}
