import { randomBytes } from "node:crypto";
import type { ResourceType } from "../shared/provider.ts";

/** `random:index/randomBytes:RandomBytes`: bytes that stay the same until their length or a keeper changes. */
export const randomBytesOf: ResourceType = {
  inputs: {
    length: { type: "integer", required: true, replace: true, fault: lengthFault },
    keepers: { type: { map: "string" }, replace: true },
  },
  outputs: { base64: { secret: true }, hex: { secret: true } },
  create: (inputs) => {
    const bytes = randomBytes(Number(inputs["length"]));
    const base64 = bytes.toString("base64");
    return Promise.resolve({ id: base64, outputs: { ...inputs, base64, hex: bytes.toString("hex") } });
  },
  read: ({ id, outputs }) => Promise.resolve(Object.keys(outputs).length === 0 ? undefined : { id, outputs }),
  delete: () => Promise.resolve(),
};

function lengthFault(length: unknown): string | undefined {
  return Number(length) >= 1 ? undefined : `must be at least 1, got ${Number(length)}; give the number of bytes`;
}
