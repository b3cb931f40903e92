import { boundServiceAccounts, boundTokens, narrowPolicies, shortLives, wrappedSecretIds } from "./access-rules.ts";
import { noSecretOutputs } from "./output-rules.ts";
import { pinnedImages, unprivilegedPods } from "./pod-rules.ts";
import type { Rule } from "./rule.ts";
import { dataStays, raftBearsLosses, tlsOutsideDev, twoAuditDevices, verifiedVault } from "./server-rules.ts";

/** All rules of the pack. */
export const rules: readonly Rule[] = [
  tlsOutsideDev,
  verifiedVault,
  raftBearsLosses,
  dataStays,
  twoAuditDevices,
  narrowPolicies,
  shortLives,
  boundServiceAccounts,
  boundTokens,
  wrappedSecretIds,
  noSecretOutputs,
  pinnedImages,
  unprivilegedPods,
];
