import type { KeysRecord } from "../keys/keys-record.ts";
import type { ProtocolContext } from "../frame/protocol-context.ts";
import type { RootToken } from "./root-token.ts";
import type { Place } from "../stops/runbooks.ts";
import type { AdminAccessInputs } from "./admin-access-properties.ts";
import type { VaultNode } from "../vault-client/vault-api.ts";

/** A login by AppRole: Pulumi's own, or the one for previews. */
export interface AdminLogin {
  readonly roleId: string;
  readonly secretId: string;
}

/** Both logins; null for one that is not there. */
export interface AdminLogins {
  /** Pulumi's own. */
  readonly login: AdminLogin | null;
  /** The one that may only read, for previews. */
  readonly preview: AdminLogin | null;
}

/** What a run knows so far. */
export interface AdminAccessRun {
  readonly context: ProtocolContext;
  readonly inputs: AdminAccessInputs;
  readonly place: Place;
  /** The leading node. */
  node: VaultNode | null;
  /** A login that works, found or made. */
  login: AdminLogin | null;
  /** A login for previews that works, found or made. */
  preview: AdminLogin | null;
  /** Token of an existing login, which may manage its own policy and role. */
  own: string | null;
  root: RootToken | null;
  /** True once it is certain that the token whose copy the Secret keeps is dead. */
  storedRootIsDead: boolean;
  record: KeysRecord | null;
}
