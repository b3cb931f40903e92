/**
 * `vault:ScaleDown` for Pulumi: check → pure; create, update → take surplus servers out of the cluster; diff → count
 * the pods; read → see that the cluster answers; delete → nothing, since a Vault that is deleted as a whole need not
 * keep a quorum.
 */
import { findLeaving, runScaleDown } from "./scale-down-protocol.ts";
import { escrowFaults } from "../keys/escrow.ts";
import { defineResource, inVault } from "../frame/resource-frame.ts";
import type { ProtocolContext } from "../frame/protocol-context.ts";
import { seeAnswering } from "../vault-client/see-answering.ts";
import { targetFaults } from "../frame/target-faults.ts";
import type { ScaleDownInputs, ScaleDownOutputs } from "./scale-down-properties.ts";

/** Takes surplus servers out of the cluster; a new cluster has none. */
export const { check, diff, create, createIn, update, read, delete_ } = defineResource<
  ProtocolContext,
  ScaleDownInputs,
  ScaleDownOutputs,
  readonly unknown[]
>({
  ...inVault,
  faults: async (faults, inputs) => {
    targetFaults(faults, inputs.target);
    faults.label("keysSecret", inputs.keysSecret);
    await escrowFaults(faults, inputs);
  },
  compared: ["target", "keysSecret", "protocolVersion"],
  find: findLeaving,
  hasWork: (leaving) => leaving.length > 0,
  reconcile: async (context, inputs) => {
    await runScaleDown(context, inputs);
    return { remaining: inputs.target.pods };
  },
  look: seeAnswering,
});
