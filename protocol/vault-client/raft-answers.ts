import { z } from "zod";

/** `sys/storage/raft/configuration`: who belongs to the cluster. */
export const raftConfiguration = z.object({
  data: z.object({
    config: z.object({
      servers: z.array(z.object({ node_id: z.string(), leader: z.boolean(), voter: z.boolean() })),
    }),
  }),
});

/** `sys/storage/raft/autopilot/state`, as far as it is used. */
export const autopilotState = z.object({
  data: z.object({
    healthy: z.boolean(),
    failure_tolerance: z.number(),
    leader: z.string(),
    voters: z.array(z.string()).nullable(),
    servers: z.record(z.string(), z.object({ healthy: z.boolean(), status: z.string() })),
  }),
});

/** `sys/leader`: needs no login. */
export const leaderStatus = z.object({
  is_self: z.boolean(),
  raft_committed_index: z.number().default(0),
  raft_applied_index: z.number().default(0),
});

/** Who belongs to a Raft cluster. */
export type RaftServer = z.infer<typeof raftConfiguration>["data"]["config"]["servers"][number];

/** How a Raft cluster judges itself. */
export type AutopilotState = z.infer<typeof autopilotState>["data"];

/** Whether a server leads, and how far it has got. */
export type LeaderStatus = z.infer<typeof leaderStatus>;
