import type { AccessReader } from "../access/matrix/access-reader.ts";
import type { Capability } from "../access/policy-document.ts";

/** What Pulumi's own login may do with a path. */
export interface AdminRule {
  readonly capabilities: readonly Capability[];
  /** Why it needs that. */
  readonly because: string;
  /** What the login for previews keeps of it. @default - what of it is `read` or `list` */
  readonly preview?: readonly Capability[];
}

/** All that whoever manages an object does with it. */
export const manage: readonly Capability[] = ["create", "read", "update", "delete", "list"];

/** Objects of one sort below a mount. */
export interface MountPart {
  /** What one is called, as `database role`. */
  readonly kind: string;
  /** Where they are listed, below the mount. */
  readonly folder: string;
  /** Type of the resource that declares one. */
  readonly resource: string;
  /** What to declare one by that is there already, given its name in quotes and the path of its mount. */
  readonly code: (name: string, mount: string) => string;
  /** Whether Vault refuses to write over one, so that it has to be imported. @default false */
  readonly imported?: boolean;
}

/**
 * What must be known of a secrets engine or a login method by whoever does not know the component: as data, without a resource.
 * The tables are [engines/kinds.ts](../engines/kinds.ts) and [logins/kinds.ts](../access/logins/kinds.ts).
 */
export interface MountKind {
  /** What Vault calls it; `kv-v1` where Vault tells by a version what it is. */
  readonly name: string;
  /** Component that declares one. */
  readonly component: string;
  /**
   * What Pulumi's own login may do, by path; `+` is the mount. The login for previews has of this what is about mounts for those
   * of this kind alone. Kinds that name the same path share one rule.
   */
  readonly adminRules: Readonly<Record<string, AdminRule>>;
  /** Whom its objects let in or give something, by type of the resource, for the access matrix. */
  readonly access: Readonly<Record<string, AccessReader>>;
  /** What is found below a mount; empty where it belongs to the users. */
  readonly parts: readonly MountPart[];
  /** What to declare a mount by that is there already, given its path in quotes. */
  readonly code: (path: string) => string;
}

/** A secrets engine. */
export interface EngineKind extends MountKind {
  /** The mount as Vault has it. */
  readonly mount: { readonly type: string; readonly version?: string };
  /** What would be lost with a mount, as `the secrets of the mount`. */
  readonly atStake: string;
}

/** A login method. */
export interface LoginKind extends MountKind {
  /** Type of the resource that declares the method with its settings. @default - a plain one, `vault.AuthBackend` */
  readonly method?: string;
  /** Another name that Vault lists it by. @default - none */
  readonly alias?: string;
}
