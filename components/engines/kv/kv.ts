import * as pulumi from "@pulumi/pulumi";
import * as vault from "@pulumi/vault";
import { adopting, childOptions, componentOptions } from "../../shared/child-options.ts";
import { reservedNameFaults } from "../../shared/reserved-names.ts";
import { fault, rejectFaults } from "../../../shared/errors.ts";
import { leavesItself, mountPathFaults } from "../mount-path.ts";
import { kvKind } from "./kv-kind.ts";

/** A store of versioned secrets. */
export interface KvEngineArgs {
  /** Mount path. @default - the component's name */
  readonly path?: string;
  /**
   * First values of secrets, by name; secret. They are written once into each mount: from then on the value belongs to
   * whoever writes it, and neither changing nor removing the seed affects it. A mount that was lost and is recreated is
   * seeded again.
   * @default - none
   */
  readonly seeds?: Readonly<Record<string, pulumi.Output<Readonly<Record<string, string>>>>>;
  /**
   * Whether a mount that exists already is taken over; it must exist then. Give no seeds with it: they would overwrite
   * what the applications have written since.
   * @default false: an existing mount is refused
   */
  readonly adopt?: boolean;
}

/** A secret of a KV v2 store, by the paths that its users need. */
export interface KvSecret {
  /** Path of the mount. */
  readonly mount: pulumi.Output<string>;
  /** Name below the mount, as `vault kv get` takes it. */
  readonly name: string;
  /** API path of the value, for requests (after `v1/`) and for policies: `<mount>/data/<name>`. */
  readonly dataPath: pulumi.Output<string>;
  /** API path of the versions and their dates: `<mount>/metadata/<name>`. */
  readonly metadataPath: pulumi.Output<string>;
  /** Keys of its first value, where this program gives one. Later ones are not known here. */
  readonly seededKeys?: pulumi.Output<readonly string[]>;
}

/**
 * A KV version 2 store: the mount and, if wanted, first values of some secrets.
 * @example
 * const kv = new KvEngine("secret", {}, insideVault);
 * new Policy("app", { rules: [{ path: kv.secret("app/config").dataPath, capabilities: ["read"] }] }, insideVault);
 */
export class KvEngine extends pulumi.ComponentResource {
  /** Mount path; resolves once the store exists. */
  public readonly path: pulumi.Output<string>;
  private readonly seeds: NonNullable<KvEngineArgs["seeds"]>;

  public constructor(name: string, args: KvEngineArgs, opts?: pulumi.ComponentResourceOptions) {
    super("vaultstack:engines:KvEngine", name, {}, componentOptions(opts));
    const path = args.path ?? name;
    const seeds = Object.entries(args.seeds ?? {});
    rejectFaults(this, [
      ...mountPathFaults(path),
      ...seeds.flatMap(([secret]) => kvSecretNameFaults(`seeds.${secret}`, secret)),
      ...reservedNameFaults(this, "secrets mount", path, "path", kvKind),
    ]);
    const child = childOptions(this, opts);

    const mount = new vault.Mount(
      name,
      { type: "kv", path, options: { version: "2" } },
      adopting(child, args.adopt, path),
    );
    this.path = mount.path;
    this.seeds = args.seeds ?? {};
    for (const [secret, values] of seeds) {
      new vault.kv.SecretV2(
        `${name}-${secret}`,
        {
          mount: this.path,
          name: secret,
          dataJson: pulumi.secret(values).apply(toJson),
          // Not read back, because the value belongs to somebody else after the first write; a lost one would not be
          // noticed.
          disableRead: true,
          // Vault ignores it. It is the mount's identity, so a new mount shows as a change that writes the value once
          // more.
          options: { accessor: mount.accessor },
        },
        pulumi.mergeOptions(child, { ignoreChanges: ["dataJson"], retainOnDelete: true }),
      );
    }
    this.registerOutputs({ path: this.path });
  }

  /**
   * Refers to a secret of this store, whether or not it has a value yet.
   * @param name Name below the mount, as `vault kv get` takes it.
   * @throws {pulumi.ResourceError} When the name is a pattern or an API path.
   */
  public secret(name: string): KvSecret {
    rejectFaults(this, kvSecretNameFaults("name", name));
    const seed = this.seeds[name];
    return {
      mount: this.path,
      name,
      dataPath: pulumi.interpolate`${this.path}/data/${name}`,
      metadataPath: pulumi.interpolate`${this.path}/metadata/${name}`,
      ...(seed !== undefined && { seededKeys: pulumi.unsecret(seed.apply((values) => Object.keys(values))) }),
    };
  }
}

/** Every fault of a secret's name. */
export function kvSecretNameFaults(at: string, name: string): string[] {
  if (/^(data|metadata)\//.test(name)) {
    return [fault(at, "must be a name as `vault kv get` takes it", name, "remove the part of the API path in front")];
  }
  // Vault accepts more; the characters left out have a meaning in policies, in URLs or in resource names.
  if (/^[A-Za-z0-9._@=/-]+$/.test(name) && !leavesItself(name)) return [];
  return [fault(at, "must be one secret's name", name, "use letters, digits, dots, dashes and inner slashes")];
}

/** Sorted, so that a different order of the settings is not a change. */
function toJson(values: Readonly<Record<string, string>>): string {
  return JSON.stringify(Object.fromEntries(Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1))));
}
