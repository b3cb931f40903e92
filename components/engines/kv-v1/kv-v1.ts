import * as pulumi from "@pulumi/pulumi";
import * as vault from "@pulumi/vault";
import { adminPolicyRules } from "../../access/admin-policy.ts";
import { capabilitiesAt } from "../../access/matrix/path-pattern.ts";
import { adopting, childOptions, componentOptions } from "../../shared/child-options.ts";
import { reservedNameFaults } from "../../shared/reserved-names.ts";
import { fault, rejectFaults } from "../../../shared/errors.ts";
import { kvSecretNameFaults } from "../kv/kv.ts";
import { mountPathFaults } from "../mount-path.ts";
import { kvV1Kind } from "./kv-v1-kind.ts";

/** A store of secrets without versions. */
export interface KvV1EngineArgs {
  /** Mount path. @default - the component's name */
  readonly path?: string;
  /**
   * Whether a mount that exists already is taken over; it must exist then.
   * @default false: an existing one is refused
   */
  readonly adopt?: boolean;
}

/** A secret of a KV version 1 store. */
export interface KvV1Secret {
  /** Path of the mount. */
  readonly mount: pulumi.Output<string>;
  /** Name below the mount, as `vault kv get` takes it. */
  readonly name: string;
  /** API path of the value, for requests (after `v1/`) and for policies: `<mount>/<name>`. */
  readonly valuePath: pulumi.Output<string>;
}

/**
 * A KV version 1 store: only the last value of each secret, for applications that know nothing else.
 *
 * It has no seeds. Its values are at the paths where other engines have their settings, so Pulumi's own login could not
 * be allowed to write them without also being allowed to read them. Names below which that login manages another engine
 * are refused; anything people write there by hand, it could read.
 * @example
 * const legacy = new KvV1Engine("legacy", {}, insideVault);
 * new Policy("app", { rules: readV1Secret(legacy.secret("app/db")) }, insideVault);
 */
export class KvV1Engine extends pulumi.ComponentResource {
  /** Mount path; resolves once the store exists. */
  public readonly path: pulumi.Output<string>;

  public constructor(name: string, args: KvV1EngineArgs, opts?: pulumi.ComponentResourceOptions) {
    super("vaultstack:engines:KvV1Engine", name, {}, componentOptions(opts));
    const path = args.path ?? name;
    rejectFaults(this, [
      ...mountPathFaults(path),
      ...reservedNameFaults(this, "secrets mount", path, "path", kvV1Kind),
    ]);
    const mount = new vault.Mount(
      name,
      { type: "kv", path, options: { version: "1" } },
      adopting(childOptions(this, opts), args.adopt, path),
    );
    this.path = mount.path;
    this.registerOutputs({ path: this.path });
  }

  /**
   * Refers to a secret of this store, whether or not it has a value yet.
   * @param name Name below the mount, as `vault kv get` takes it.
   * @throws {pulumi.ResourceError} When the name is a pattern, or one that Pulumi's own login can reach.
   */
  public secret(name: string): KvV1Secret {
    rejectFaults(this, kvV1NameFaults("name", name));
    return { mount: this.path, name, valuePath: pulumi.interpolate`${this.path}/${name}` };
  }
}

/** Every fault in the name of a secret or a folder. */
export function kvV1NameFaults(at: string, name: string): string[] {
  const faults = kvSecretNameFaults(at, name);
  if (faults.length > 0) return faults;
  const isReached = [name, `${name}/any`].some((path) => capabilitiesAt(adminPolicyRules(), `any/${path}`).length > 0);
  if (!isReached) return [];
  const must = "must lie where Pulumi's own login does not manage settings of other engines";
  return [fault(at, must, name, "begin it with another segment")];
}
