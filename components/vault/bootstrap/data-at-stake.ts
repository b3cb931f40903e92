import { engineOf } from "../../engines/kinds.ts";
import type { DataAtStake } from "../../../protocol/data-guard/data-guard-resource.ts";

/**
 * Tells what would be lost with a resource that keeps data nobody else has, judging by its plain inputs at declaration.
 * @returns The data; null for a resource that keeps none.
 */
export function dataAtStake(type: string, name: string, inputs: Readonly<Record<string, unknown>>): DataAtStake | null {
  const found = keepers[type]?.(inputs) ?? null;
  return found && { resource: name, type, ...found };
}

type Found = Pick<DataAtStake, "data" | "identity">;

/**
 * By type. A value that is not plain is left out of the identity, since a guard that waited for it would wait for
 * itself.
 */
const keepers: Readonly<Record<string, (inputs: Readonly<Record<string, unknown>>) => Found | null>> = {
  "vault:index/mount:Mount": ({ type, options, path, local }) => {
    const { atStake, name } = engineOf({ type, options }) ?? { atStake: "what is in the mount", name: String(type) };
    // A different path moves the mount with everything in it.
    return { data: `${atStake} ${String(path)}`, identity: { type: name, local: local === true ? "true" : "false" } };
  },
  "pulumi-nodejs:dynamic/vault:Init": ({ keysSecret }) => ({
    data: `the keys of Vault in the Secret ${String(keysSecret)}`,
    identity: {},
  }),
  "kubernetes:apps/v1:StatefulSet": ({ metadata, spec }) => {
    const claims = part(spec, "volumeClaimTemplates");
    if (!Array.isArray(claims) || claims.length === 0) return null;
    const [set, namespace] = [String(part(metadata, "name")), String(part(metadata, "namespace"))];
    return { data: `the volumes of the pods of ${set} in the namespace ${namespace}`, identity: { set, namespace } };
  },
  "postgresql:index/database:Database": ({ name }) => ({
    data: `the tables of the database ${String(name)}`,
    identity: { name: String(name) },
  }),
};

function part(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[key] : undefined;
}
