import type * as vault from "@pulumi/vault";
import { fault } from "../../../shared/errors.ts";
import { durationFaults, goDuration, isDuration, toSeconds, type Duration } from "../../../shared/units.ts";
import type { RaftTopology } from "./topology.ts";

/** How a cluster judges its own servers. */
export interface RaftAutopilot {
  /**
   * What happens to a surplus server that nobody has heard from for a long time, such as after somebody scaled the
   * StatefulSet by hand. A server that belongs to the topology is never removed, however long it waits to be unsealed.
   * @default remove after 24h, since each dead member uses up a loss that the cluster could tolerate
   */
  readonly deadServers?:
    | {
        /** It stays a member until somebody removes it. */
        readonly kind: "keep";
      }
    | {
        readonly kind: "remove";
        /** How long nobody has heard from it, at least one minute. */
        readonly after: Duration;
      };
  /** How long a server may lose contact with its leader and still count as healthy. @default "10s", as Vault's own */
  readonly lastContactThreshold?: Duration;
  /** How many entries a server may be behind its leader and still count as healthy. @default 1000, as Vault's own */
  readonly maxTrailingLogs?: number;
  /** How long a new server must be healthy before it votes. @default "10s", as Vault's own */
  readonly serverStabilizationTime?: Duration;
}

/** Shortest time, in seconds, after which Vault gives up on a server. */
const shortestLoss = 60;

/** Every fault of the settings that cannot work. */
export function autopilotFaults(autopilot: RaftAutopilot): string[] {
  const { deadServers, lastContactThreshold, maxTrailingLogs, serverStabilizationTime } = complete(autopilot);
  const times = { lastContactThreshold, serverStabilizationTime };
  const faults = Object.entries(times).flatMap(([name, value]) => durationFaults(name, value));
  if (!Number.isInteger(maxTrailingLogs) || maxTrailingLogs < 1 || maxTrailingLogs > 1_000_000) {
    faults.push(fault("maxTrailingLogs", "must be a whole number from 1 to 1000000", maxTrailingLogs, "1000 is usual"));
  }
  if (deadServers.kind === "keep") return faults;
  const { after } = deadServers;
  faults.push(...durationFaults("deadServers.after", after));
  if (!isDuration(after)) return faults;
  if (toSeconds(after) < shortestLoss) {
    faults.push(fault("deadServers.after", "must be at least 1m, Vault's own limit", after, "raise it"));
  }
  if (isDuration(lastContactThreshold) && toSeconds(after) <= toSeconds(lastContactThreshold)) {
    const rule = `must be more than lastContactThreshold, which is ${lastContactThreshold}`;
    faults.push(fault("deadServers.after", rule, after, "a server is unhealthy before it is dead"));
  }
  return faults;
}

/** The arguments of Vault's own resource. */
export function autopilotArgs({ nodes, autopilot = {} }: RaftTopology): vault.RaftAutopilotArgs {
  const { deadServers, lastContactThreshold, maxTrailingLogs, serverStabilizationTime } = complete(autopilot);
  return {
    cleanupDeadServers: deadServers.kind === "remove",
    ...(deadServers.kind === "remove" && { deadServerLastContactThreshold: goDuration(deadServers.after) }),
    lastContactThreshold: goDuration(lastContactThreshold),
    maxTrailingLogs,
    // Never fewer than the topology has: a server that is waiting to be unsealed counts as dead, and if removed would
    // come back without its vote.
    minQuorum: nodes,
    serverStabilizationTime: goDuration(serverStabilizationTime),
  };
}

function complete(autopilot: RaftAutopilot): Required<RaftAutopilot> {
  return {
    deadServers: autopilot.deadServers ?? { kind: "remove", after: "24h" },
    lastContactThreshold: autopilot.lastContactThreshold ?? "10s",
    maxTrailingLogs: autopilot.maxTrailingLogs ?? 1000,
    serverStabilizationTime: autopilot.serverStabilizationTime ?? "10s",
  };
}
