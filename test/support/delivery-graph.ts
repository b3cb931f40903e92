/**
 * Prints what one program about delivery asks for, as JSON. A program of its own, because dynamic resources serialise
 * their provider, which works in plain Node only.
 *
 * Usage: node test/support/delivery-graph.ts <name of a program>
 */
import { deliveryPrograms, isDeliveryProgram } from "./delivery-programs.ts";
import { record } from "../../graph/recorder.ts";

const name = process.argv[2] ?? "";
if (!isDeliveryProgram(name)) throw new Error(`${name}: no program is called that`);
const recording = await record(deliveryPrograms[name], {
  // Objects as the API server returns them.
  outputs: (type, resource) =>
    type.startsWith("kubernetes:secrets.hashicorp.com/")
      ? { metadata: { name: `${resource}-object`, namespace: "shop", uid: "u", generation: 1 } }
      : { synced: true, issuerId: "issuer" },
});
process.stdout.write(JSON.stringify(recording));
