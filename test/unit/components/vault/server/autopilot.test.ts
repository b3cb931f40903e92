/** What Vault is told of its servers. That it does so is proved live. */
import { describe, expect, test } from "vitest";
import {
  autopilotArgs,
  autopilotFaults,
  type RaftAutopilot,
} from "../../../../../components/vault/server/autopilot.ts";
import { parseSettings } from "../../../../../stacks/settings/parse-settings.ts";
import { exampleSettings } from "../../../../support/example-settings.ts";

const cluster = { kind: "raft", nodes: 5, storageSize: "1Gi" } as const;

describe("a cluster judges its servers", () => {
  test("by Vault's own values, and gives up dead ones that are too many after a day", () => {
    expect(autopilotArgs(cluster)).toEqual({
      cleanupDeadServers: true,
      deadServerLastContactThreshold: "24h0m0s",
      lastContactThreshold: "10s",
      maxTrailingLogs: 1000,
      minQuorum: 5,
      serverStabilizationTime: "10s",
    });
  });

  test("never giving up one that the topology has, whatever else is set", () => {
    const autopilot: RaftAutopilot = { deadServers: { kind: "remove", after: "90s" }, lastContactThreshold: "30s" };
    expect(autopilotArgs({ ...cluster, nodes: 7, autopilot })).toMatchObject({
      deadServerLastContactThreshold: "1m30s",
      minQuorum: 7,
    });
  });

  test("and keeps the dead where that is asked for", () => {
    expect(autopilotArgs({ ...cluster, autopilot: { deadServers: { kind: "keep" } } })).not.toHaveProperty(
      "deadServerLastContactThreshold",
    );
  });
});

describe("settings that cannot work", () => {
  test("are told at once", () => {
    expect(
      autopilotFaults({
        deadServers: { kind: "remove", after: "30s" },
        lastContactThreshold: "45s",
        maxTrailingLogs: 0,
      }).map((text) => text.split(", got")[0]),
    ).toEqual([
      "maxTrailingLogs: must be a whole number from 1 to 1000000",
      "deadServers.after: must be at least 1m, Vault's own limit",
      "deadServers.after: must be more than lastContactThreshold, which is 45s",
    ]);
  });

  test.each([
    [{ deadServers: { kind: "remove", after: "59s" } }, "vaultstack:raftAutopilot.deadServers.after"],
    [{ deadServers: { kind: "forget" } }, "vaultstack:raftAutopilot.deadServers.kind"],
    [{ minQuorum: 2 }, "vaultstack:raftAutopilot"],
    [{ serverStabilizationTime: "soon" }, "vaultstack:raftAutopilot.serverStabilizationTime"],
  ])("as %j are faults of the settings", (raftAutopilot, path) => {
    const { faults } = parseSettings(exampleSettings({ raftAutopilot: JSON.stringify(raftAutopilot) }, "ha"));
    expect(faults.map((text) => text.split(": ")[0])).toEqual([path]);
  });
});
