import { isObject, textAt } from "../../shared/property.ts";
import type { ResourceType } from "../../shared/provider.ts";
import { trimmedPath } from "../equality.ts";
import type { VaultSession } from "../vault-session.ts";

/** `vault:index/audit:Audit`. Nothing about an audit device can be changed: every change makes a new one. */
export function audit(vault: () => VaultSession): ResourceType {
  return {
    inputs: {
      type: { type: "string", required: true, replace: true },
      path: { type: "string", replace: true },
      description: { type: "string", replace: true },
      local: { type: "boolean", replace: true },
      options: { type: { map: "string" }, required: true, replace: true },
    },
    outputs: { path: {} },
    create: async (inputs, context) => {
      const path = textAt(inputs, inputs["path"] === undefined ? "type" : "path");
      const { type, description, local, options } = inputs;
      const body = { type: type ?? "", description: description ?? "", local: local ?? false, options: options ?? {} };
      await vault().write(`sys/audit/${path}`, body, context);
      return { id: path, outputs: { ...inputs, path } };
    },
    read: async ({ id, outputs }, context) => {
      const devices = await vault().read("sys/audit", context);
      const device = devices?.[`${trimmedPath(id)}/`];
      if (!isObject(device)) return undefined;
      const { type, description, options } = device;
      const live = { type: type ?? null, description: description ?? null, options: options ?? null };
      // Vault does not list whether a device is local.
      return { id, outputs: { ...outputs, ...live, path: id } };
    },
    delete: ({ id }, context) => vault().remove(`sys/audit/${id}`, context),
  };
}
