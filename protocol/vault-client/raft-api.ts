import { type AutopilotState, autopilotState, raftConfiguration, type RaftServer } from "./raft-answers.ts";
import type { Call, Unsigned } from "./vault-call.ts";

/** The calls that look after a Raft cluster. */
export interface RaftSession {
  raftServers(): Promise<readonly RaftServer[]>;
  autopilotState(): Promise<AutopilotState>;
  /** Takes a server out of the cluster; it may not come back with its old data. */
  removePeer(nodeId: string): Promise<void>;
  /** Makes the leader step down. */
  stepDown(): Promise<void>;
}

/** These calls with a token. */
export function raftSession(call: Call, send: (request: Unsigned) => Promise<void>, token: string): RaftSession {
  const path = "sys/storage/raft";
  return {
    raftServers: async () =>
      (await call(raftConfiguration, { method: "GET", path: `${path}/configuration`, token })).data.config.servers,
    autopilotState: async () =>
      (await call(autopilotState, { method: "GET", path: `${path}/autopilot/state`, token })).data,
    removePeer: (nodeId) => send({ method: "POST", path: `${path}/remove-peer`, body: { server_id: nodeId } }),
    stepDown: () => send({ method: "PUT", path: "sys/step-down" }),
  };
}
