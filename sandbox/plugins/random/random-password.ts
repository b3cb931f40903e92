import { randomInt } from "node:crypto";
import type { ResourceType } from "../shared/provider.ts";

const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const digits = "0123456789";
const specials = "!@#$%&*()-_=+[]{}<>:?";

/**
 * `random:index/randomPassword:RandomPassword`: a text that stays the same until its length, its characters or a keeper
 * changes. Its id tells nothing of it. Without the choice of single kinds of characters and the hash that the official
 * one has.
 */
export const randomPassword: ResourceType = {
  inputs: {
    length: { type: "integer", required: true, replace: true, fault: lengthFault },
    special: { type: "boolean", default: true, replace: true },
    keepers: { type: { map: "string" }, replace: true },
  },
  outputs: { result: { secret: true } },
  create: (inputs) => {
    const characters = `${letters}${digits}${inputs["special"] === true ? specials : ""}`;
    const drawn = Array.from({ length: Number(inputs["length"]) }, () => characters[randomInt(characters.length)]);
    return Promise.resolve({ id: "none", outputs: { ...inputs, result: drawn.join("") } });
  },
  read: ({ id, outputs }) => Promise.resolve(Object.keys(outputs).length === 0 ? undefined : { id, outputs }),
  delete: () => Promise.resolve(),
};

function lengthFault(length: unknown): string | undefined {
  return Number(length) >= 1 ? undefined : `must be at least 1, got ${Number(length)}; give the number of characters`;
}
