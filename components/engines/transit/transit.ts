import * as pulumi from "@pulumi/pulumi";
import * as vault from "@pulumi/vault";
import type { PolicyRuleArgs } from "../../access/policy.ts";
import { adopting, childOptions, componentOptions } from "../../shared/child-options.ts";
import { reservedNameFaults } from "../../shared/reserved-names.ts";
import { rejectFaults } from "../../../shared/errors.ts";
import { vaultNameFaults } from "../../../shared/vault-name.ts";
import { mountPathFaults } from "../mount-path.ts";
import { transitKind } from "./transit-kind.ts";

/** A key that encrypts without leaving Vault. */
export interface TransitKeyArgs {
  /**
   * Whether the key may be deleted, which makes everything that was encrypted with it unreadable.
   * @default false: removing it from the program fails
   */
  readonly deletionAllowed?: boolean;
}

/** An engine that encrypts for others. */
export interface TransitEngineArgs<Key extends string> {
  /** Mount path. @default - the component's name */
  readonly path?: string;
  /** Keys by their names inside Vault: AES-256 in GCM mode. Plain, because they decide which children exist. */
  readonly keys: Readonly<Record<Key, TransitKeyArgs>>;
  /**
   * Whether a mount that exists already is taken over; it must exist then.
   * @default false: an existing one is refused
   */
  readonly adopt?: boolean;
}

/** What a user of a key needs to know. */
export interface TransitKey {
  /** Mount path; resolves once the key exists. */
  readonly mount: pulumi.Output<string>;
  /** Name of the key. */
  readonly keyName: pulumi.Output<string>;
  /** The permissions needed to encrypt and decrypt with it. */
  readonly rules: readonly PolicyRuleArgs[];
}

/**
 * A transit secrets engine with its keys: encryption as a service, for the secrets operator's cache for example.
 * @example
 * const transit = new TransitEngine("demo-transit", { keys: { "vso-client-cache": {} } }, insideVault);
 * new Policy("operator", { rules: transit.key("vso-client-cache").rules }, insideVault);
 */
export class TransitEngine<Key extends string = string> extends pulumi.ComponentResource {
  /** Mount path. */
  public readonly path: pulumi.Output<string>;
  private readonly keys: Readonly<Record<string, TransitKey>>;

  public constructor(name: string, args: TransitEngineArgs<Key>, opts?: pulumi.ComponentResourceOptions) {
    super("vaultstack:engines:TransitEngine", name, {}, componentOptions(opts));
    const path = args.path ?? name;
    const keys = Object.entries<TransitKeyArgs>(args.keys);
    rejectFaults(this, [
      ...mountPathFaults(path),
      ...keys.flatMap(([key]) => transitKeyFaults(`keys.${key}`, key)),
      ...reservedNameFaults(this, "secrets mount", path, "path", transitKind),
    ]);
    const child = childOptions(this, opts);

    const mount = new vault.Mount(name, { type: "transit", path }, adopting(child, args.adopt, path));
    this.path = mount.path;
    this.keys = Object.fromEntries(
      keys.map(([keyName, { deletionAllowed = false }]) => {
        const id = `${path}/keys/${keyName}`;
        const key = new vault.transit.SecretBackendKey(
          `${name}-${keyName}`,
          { backend: mount.path, name: keyName, deletionAllowed },
          adopting(child, args.adopt, id),
        );
        return [keyName, transitKey(key)];
      }),
    );
    this.registerOutputs({ path: this.path });
  }

  /**
   * Refers to a key of this engine.
   * @returns Its paths, and what a user must be allowed.
   */
  public key(keyName: Key): TransitKey {
    const key = this.keys[keyName];
    if (key === undefined) throw new pulumi.ResourceError(`keys: must hold ${keyName}, got no such key`, this, true);
    return key;
  }
}

/** Every fault of a key's name. */
export function transitKeyFaults(path: string, keyName: string): string[] {
  return vaultNameFaults(path, keyName, "key");
}

function transitKey(key: vault.transit.SecretBackendKey): TransitKey {
  const use = (action: string): PolicyRuleArgs => ({
    path: pulumi.interpolate`${key.backend}/${action}/${key.name}`,
    capabilities: ["create", "update"],
  });
  return { mount: key.backend, keyName: key.name, rules: [use("encrypt"), use("decrypt")] };
}
