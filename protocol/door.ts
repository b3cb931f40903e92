/**
 * The only module of this project that a state names: what a dynamic resource does, by its type. Everything else may
 * move.
 *
 * A type that stands here stays for as long as a state may hold it.
 */
import { asStored, type ProtocolModule } from "./frame/protocol-module.ts";

/** What each dynamic resource does; none is loaded before it is called. */
export const resources = {
  "delivery:RolloutTargets": asStored(() => import("./delivery/rollout-targets-resource.ts")),
  "delivery:Sync": asStored(() => import("./delivery/sync-resource.ts")),
  "postgres:LoginBounds": asStored(() => import("./database/logins/login-bounds-resource.ts")),
  "postgres:LoginGroup": asStored(() => import("./database/logins/login-group-resource.ts")),
  "postgres:LoginMakers": asStored(() => import("./database/logins/login-makers-resource.ts")),
  "postgres:Ready": asStored(() => import("./database/postgres-ready-resource.ts")),
  "postgres:RemainsRole": asStored(() => import("./database/remains-role-resource.ts")),
  "stack:DataGuard": asStored(() => import("./data-guard/data-guard-resource.ts")),
  "vault:AdminAccess": asStored(() => import("./admin-access/admin-access-resource.ts")),
  "vault:DatabaseLogin": asStored(() => import("./database/database-login-resource.ts")),
  // The name of `vault:ScaleDown` in states of earlier versions.
  "vault:Departure": asStored(() => import("./raft/scale-down-resource.ts")),
  "vault:Init": asStored(() => import("./init/init-resource.ts")),
  "vault:Quorum": asStored(() => import("./raft/quorum-resource.ts")),
  "vault:Rekey": asStored(() => import("./rekey/rekey-resource.ts")),
  "vault:RoleLeases": asStored(() => import("./database/role-leases-resource.ts")),
  "vault:ScaleDown": asStored(() => import("./raft/scale-down-resource.ts")),
  "vault:ServedCertificate": asStored(() => import("./certificate/served-certificate-resource.ts")),
  "vault:Unseal": asStored(() => import("./unseal/unseal-resource.ts")),
};

/** Type of a dynamic resource: the part of the project it belongs to, and its name there. */
export type ResourceType = keyof typeof resources;

/** Raised when a protocol itself changes, so that stacks run it again; code alone never causes an update. */
export const protocolVersions: Readonly<Partial<Record<ResourceType, number>>> = {
  "postgres:LoginBounds": 1,
  "postgres:LoginGroup": 2,
  "postgres:LoginMakers": 1,
  "postgres:Ready": 1,
  "postgres:RemainsRole": 1,
  "stack:DataGuard": 1,
  "vault:AdminAccess": 6,
  "vault:DatabaseLogin": 1,
  "vault:Init": 2,
  "vault:Quorum": 1,
  "vault:Rekey": 1,
  "vault:RoleLeases": 1,
  "vault:ScaleDown": 1,
  "vault:ServedCertificate": 1,
  "vault:Unseal": 1,
};

/** What the stored text of a resource takes from here. */
export type Door = Readonly<Record<ResourceType, ProtocolModule<unknown, unknown>>>;
