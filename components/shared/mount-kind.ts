import type { AccessReader } from "../access/matrix/access-reader.ts";
import type { Capability } from "../access/policy-document.ts";

/** What Pulumi's own login may do with a path. */
export interface AdminRule {
  readonly capabilities: readonly Capability[];
  /** Why it needs that. */
  readonly because: string;
  /** What the login for previews keeps of it. @default - its `read` and `list` */
  readonly preview?: readonly Capability[];
}

/** Everything that managing an object takes. */
export const manage: readonly Capability[] = ["create", "read", "update", "delete", "list"];

/** Objects of one sort below a mount. */
export interface MountPart {
  /** What one is called, such as `database role`. */
  readonly kind: string;
  /** Where they are listed, below the mount. */
  readonly folder: string;
  /** Type of the resource that declares one. */
  readonly resource: string;
  /** Code that declares an existing one, given its name in quotes and the path of its mount. */
  readonly code: (name: string, mount: string) => string;
  /** Whether Vault refuses to overwrite one, so that it has to be imported. @default false */
  readonly imported?: boolean;
}

/**
 * What other code must know about a secrets engine or a login method without knowing the component: as data, without a
 * resource. The tables are [engines/kinds.ts](../engines/kinds.ts) and [logins/kinds.ts](../access/logins/kinds.ts).
 */
export interface MountKind {
  /** What Vault calls it; `kv-v1` where Vault tells two engines apart by a version. */
  readonly name: string;
  /** Component that declares one. */
  readonly component: string;
  /**
   * What Pulumi's own login may do, by path; `+` is the mount. Of the rules about mounts, the login for previews gets
   * those of this kind for mounts of this kind only. Kinds that name the same path share one rule.
   */
  readonly adminRules: Readonly<Record<string, AdminRule>>;
  /** Whom its objects let in or what they give, by type of the resource, for the access matrix. */
  readonly access: Readonly<Record<string, AccessReader>>;
  /** What can be listed below a mount; empty where it belongs to the users. */
  readonly parts: readonly MountPart[];
  /** Code that declares an existing mount, given its path in quotes. */
  readonly code: (path: string) => string;
}

/** A secrets engine. */
export interface EngineKind extends MountKind {
  /** The mount as Vault has it. */
  readonly mount: { readonly type: string; readonly version?: string };
  /** What would be lost with a mount, such as `the secrets of the mount`. */
  readonly atStake: string;
}

/** A login method. */
export interface LoginKind extends MountKind {
  /** Type of the resource that declares the method with its settings. @default - a plain one, `vault.AuthBackend` */
  readonly method?: string;
  /** Another name under which Vault lists it. @default - none */
  readonly alias?: string;
}
