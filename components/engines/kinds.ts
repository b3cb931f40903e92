import type { EngineKind } from "../shared/mount-kind.ts";
import { databaseKind } from "./database/database-kind.ts";
import { kvKind } from "./kv/kv-kind.ts";
import { kvV1Kind } from "./kv-v1/kv-v1-kind.ts";
import { pkiKind } from "./pki/pki-kind.ts";
import { transitKind } from "./transit/transit-kind.ts";

/** Every secrets engine there is. Adding one takes a folder with a component and its kind, and a line here. */
export const engineKinds: readonly EngineKind[] = [kvKind, kvV1Kind, databaseKind, transitKind, pkiKind];

/**
 * The kind of a mount.
 * @param mount Its type and options, as a program declares them and as Vault lists them.
 * @returns The kind; undefined for an engine without a component.
 */
export function engineOf(mount: { readonly type?: unknown; readonly options?: unknown }): EngineKind | undefined {
  const { version = "1" } = (mount.options ?? {}) as { readonly version?: unknown };
  return engineKinds.find(
    (kind) => kind.mount.type === mount.type && (kind.mount.version === undefined || kind.mount.version === version),
  );
}
