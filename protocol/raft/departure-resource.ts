/**
 * `vault:Departure` for Pulumi: check → pure; create, update → take surplus servers out of the cluster; diff → count the
 * pods; read → see that the cluster answers; delete → nothing, since a Vault that goes as a whole keeps no quorum.
 */
import { findLeaving, runDeparture } from "./departure-protocol.ts";
import { escrowFaults } from "../keys/escrow.ts";
import { defineResource, inVault } from "../frame/resource-frame.ts";
import type { ProtocolContext } from "../frame/protocol-context.ts";
import { seeAnswering } from "../vault-client/see-answering.ts";
import { targetFaults } from "../frame/target-faults.ts";
import type { DepartureInputs, DepartureOutputs } from "../types.ts";

/** Takes surplus servers out of the cluster; a new one has none. */
export const { check, diff, create, createIn, update, read, delete_ } = defineResource<
  ProtocolContext,
  DepartureInputs,
  DepartureOutputs,
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
    await runDeparture(context, inputs);
    return { remaining: inputs.target.pods };
  },
  look: seeAnswering,
});
