import * as pulumi from "@pulumi/pulumi";
import * as vault from "@pulumi/vault";
import { adopting, childOptions, componentOptions } from "../../shared/child-options.ts";
import { reservedNameFaults } from "../../shared/reserved-names.ts";
import { rejectFaults } from "../../../shared/errors.ts";
import { toSeconds, type Duration } from "../../../shared/units.ts";
import { mountPathFaults } from "../mount-path.ts";
import { pkiKind } from "./pki-kind.ts";
import { authorityFaults, createAuthority, type PkiAuthority } from "./pki-authority.ts";
import { keyFields, pkiRoleFaults, type PkiRoleArgs } from "./pki-roles.ts";

/** An engine that issues certificates. */
export interface PkiEngineArgs<Role extends string> {
  /** Mount path. @default - the component's name */
  readonly path?: string;
  /** Who signs. Its lifetime is the mount's ceiling: nothing is issued for longer. */
  readonly authority: PkiAuthority;
  /** Address of Vault that certificates give to whoever checks their authority and whether they were revoked. */
  readonly vaultAddress: pulumi.Input<string>;
  /** Roles by their names inside Vault. Plain, because they decide which children exist. */
  readonly roles: Readonly<Record<Role, PkiRoleArgs>>;
  /**
   * Whether a mount that exists already is taken over; it must exist then. An authority cannot be taken over: a new one
   * is made next to the old one, and issues from then on.
   * @default false: an existing mount is refused
   */
  readonly adopt?: boolean;
}

/** What a consumer of a role needs to know. */
export interface PkiRole {
  /** Mount path; resolves once the role exists. */
  readonly mount: pulumi.Output<string>;
  /** Name of the role. */
  readonly role: pulumi.Output<string>;
  /** Lifetime of its certificates. */
  readonly lifetime: { readonly ttl: Duration; readonly maxTtl: Duration };
}

/**
 * A PKI secrets engine: the mount, an authority whose key never leaves Vault, the address of its revocation list, and
 * roles.
 *
 * With `protect` in its options, neither the mount nor the authority can be destroyed or replaced by mistake, since
 * everybody who trusts the authority would then have to be told about another.
 * @example
 * const pki = new PkiEngine("pki", {
 *   authority: { kind: "root", commonName: "apps", ttl: "365d" }, vaultAddress: server.internalAddress,
 *   roles: { web: { allowedDomains: ["apps.svc"], ttl: "24h", maxTtl: "72h" } },
 * }, insideVault);
 * const secrets = { web: { kind: "certificate", source: pki.role("web"), commonName: "web.apps.svc", destination } };
 */
export class PkiEngine<Role extends string = string> extends pulumi.ComponentResource {
  /** Mount path; resolves once the authority can issue. */
  public readonly path: pulumi.Output<string>;
  /** The authority's certificate, PEM. For an intermediate one, clients trust its root instead. */
  public readonly caCertificate: pulumi.Output<string>;
  /** Id of the authority inside Vault. */
  public readonly issuerId: pulumi.Output<string>;
  /** Lifetime of the authority. */
  public readonly authorityTtl: Duration;
  private readonly roles: Readonly<Record<string, PkiRole>>;

  public constructor(name: string, args: PkiEngineArgs<Role>, opts?: pulumi.ComponentResourceOptions) {
    super("vaultstack:engines:PkiEngine", name, {}, componentOptions(opts));
    const { path = name, authority, vaultAddress } = args;
    const roles = Object.entries<PkiRoleArgs>(args.roles);
    rejectFaults(this, [
      ...mountPathFaults(path),
      ...authorityFaults(authority),
      ...pkiRoleFaults(args.roles, authority.ttl),
      ...reservedNameFaults(this, "secrets mount", path, "path", pkiKind),
    ]);
    this.authorityTtl = authority.ttl;
    const child = childOptions(this, opts);

    const mount = new vault.Mount(
      name,
      // Vault's own limit of 32 days would apply to every certificate, the authority's included.
      { type: "pki", path, maxLeaseTtlSeconds: toSeconds(authority.ttl) },
      adopting(child, args.adopt, path),
    );
    const { issuerId, certificate } = createAuthority(name, mount, authority, child);
    const at = pulumi.interpolate`${vaultAddress}/v1/${mount.path}`;
    const urls = new vault.pkisecret.SecretBackendConfigUrls(
      `${name}-urls`,
      {
        backend: mount.path,
        issuingCertificates: [pulumi.interpolate`${at}/ca`],
        crlDistributionPoints: [pulumi.interpolate`${at}/crl`],
      },
      child,
    );
    // A new authority does not become the default by itself, and the old one cannot stay the default: it is deleted
    // with its resource.
    const issuers = new vault.pkisecret.SecretBackendConfigIssuers(
      `${name}-issuers`,
      { backend: mount.path, default: issuerId },
      child,
    );
    // Certificates issued before the addresses are set would not contain them.
    this.path = pulumi.all([urls.backend, issuers.backend]).apply(([backend]) => backend);
    this.caCertificate = certificate;
    this.issuerId = issuerId;
    this.roles = Object.fromEntries(
      roles.map(([roleName, role]) => {
        const created = new vault.pkisecret.SecretBackendRole(
          `${name}-${roleName}`,
          { backend: this.path, name: roleName, issuerRef: issuerId, ...roleFields(role) },
          child,
        );
        const { ttl, maxTtl } = role;
        return [roleName, { mount: created.backend, role: created.name, lifetime: { ttl, maxTtl } }];
      }),
    );
    this.registerOutputs({ path: this.path });
  }

  /**
   * Refers to a role of this engine.
   * @returns What a certificate request needs to know about the role.
   */
  public role(roleName: Role): PkiRole {
    const role = this.roles[roleName];
    if (role === undefined) {
      throw new pulumi.ResourceError(`roles: must hold ${roleName}, got no such role`, this, true);
    }
    return role;
  }
}

function roleFields(role: PkiRoleArgs): Omit<vault.pkisecret.SecretBackendRoleArgs, "backend"> {
  const { names = "subdomains", use = "server", keyType = "ec-256" } = role;
  return {
    allowedDomains: [...role.allowedDomains],
    allowSubdomains: names !== "domains",
    allowBareDomains: names !== "subdomains",
    allowWildcardCertificates: role.wildcards ?? false,
    allowIpSans: role.ipAddresses ?? false,
    allowLocalhost: false,
    serverFlag: use !== "client",
    clientFlag: use !== "server",
    ...keyFields(keyType),
    ttl: String(toSeconds(role.ttl)),
    maxTtl: String(toSeconds(role.maxTtl)),
  };
}
