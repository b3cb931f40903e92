import { guardingData } from "../components/vault/data-guard.ts";
import type { StackConfig } from "./config.ts";
import { dev } from "./dev.ts";
import { ha } from "./ha.ts";
import type { PendingOutputs } from "./outputs.ts";

/** Stack functions by profile; the profile is a setting, so any number of stacks may share one. */
export const stacks: Readonly<Record<StackConfig["profile"], (config: StackConfig) => Promise<PendingOutputs>>> = {
  dev: (config) => guardingData(config.allowDataLoss, () => dev(config)),
  ha: (config) => guardingData(config.allowDataLoss, () => ha(config)),
};
