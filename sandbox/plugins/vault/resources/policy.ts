import { textAt } from "../../shared/property.ts";
import type { ResourceType } from "../../shared/provider.ts";
import type { VaultSession } from "../vault-session.ts";

/** `vault:index/policy:Policy`. Creating one overwrites a policy of the same name. */
export function policy(vault: () => VaultSession): ResourceType {
  const path = (name: string): string => `sys/policies/acl/${name}`;
  return {
    inputs: { name: { type: "string", required: true, replace: true }, policy: { type: "string", required: true } },
    outputs: {},
    create: async (inputs, context) => {
      const name = textAt(inputs, "name");
      await vault().write(path(name), { policy: inputs["policy"] ?? "" }, context);
      return { id: name, outputs: inputs };
    },
    read: async ({ id }, context) => {
      const data = await vault().read(path(id), context);
      // A policy that is gone reads as an empty one, as with the official provider: the next run writes it again.
      return { id, outputs: { name: id, policy: data?.["policy"] ?? "" } };
    },
    update: async ({ id, news }, context) => {
      await vault().write(path(id), { policy: news["policy"] ?? "" }, context);
      return news;
    },
    delete: ({ id }, context) => vault().remove(path(id), context),
  };
}
