import { z } from "zod";
import { duration } from "./setting-rules.ts";

const deadServers = z.discriminatedUnion(
  "kind",
  [
    z.strictObject({ kind: z.literal("keep") }),
    z.strictObject({ kind: z.literal("remove"), after: duration().default("24h") }),
  ],
  { error: 'must be {kind: "keep"} or {kind: "remove"}; set vaultstack:raftAutopilot.deadServers.kind' },
);

/** The setting `raftAutopilot`: how a cluster judges its own servers. */
export const raftAutopilotSetting = z.strictObject({
  deadServers: deadServers.default({ kind: "remove", after: "24h" }),
  lastContactThreshold: duration().default("10s"),
  maxTrailingLogs: z.number({ error: "must be a number; 1000 is usual" }).default(1000),
  serverStabilizationTime: duration().default("10s"),
});
