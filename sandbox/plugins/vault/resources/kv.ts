import type { JsonObject } from "../../shared/property.ts";
import type { ApiObject } from "../api-object.ts";
import { seconds } from "../go-duration.ts";
import { isSamePath, trimmedPath } from "../equality.ts";

/** `vault:kv/secretBackendV2:SecretBackendV2`: settings of a key-value engine. They stay until the engine goes. */
export const kvSettings: ApiObject = {
  address: { mount: { type: "string", required: true, replace: true, same: isSamePath } },
  fields: {
    maxVersions: { type: "integer" },
    casRequired: { type: "boolean" },
    deleteVersionAfter: { type: "integer" },
  },
  path: ({ mount }) => `${trimmedPath(mount)}/config`,
  parse: (path) => {
    const mount = /^(.+)\/config$/.exec(path)?.[1];
    return mount === undefined ? undefined : { mount };
  },
  computed: ["maxVersions", "casRequired"],
  fromVault: withSeconds,
  repeatWhileUpgrading: true,
  deletable: false,
};

/** Vault takes a number of seconds and returns a duration such as `3h12m10s`. */
export function withSeconds(outputs: JsonObject): JsonObject {
  const { deleteVersionAfter } = outputs;
  return typeof deleteVersionAfter === "string"
    ? { ...outputs, deleteVersionAfter: seconds(deleteVersionAfter) }
    : outputs;
}
