import { fault } from "../../../shared/errors.ts";
import { isDnsName } from "../../../shared/host.ts";
import { durationFaults, toSeconds, type Duration } from "../../../shared/units.ts";
import { vaultNameFaults } from "../../../shared/vault-name.ts";

/** Kind and size of a key. */
export type PkiKeyType = "rsa-2048" | "rsa-3072" | "rsa-4096" | "ec-256" | "ec-384" | "ed25519";

/** A role that certificates are issued under. */
export interface PkiRoleArgs {
  /** Domains that certificates may be issued for, such as `apps.example.com`. */
  readonly allowedDomains: readonly string[];
  /** Which names: those below the domains, the domains themselves, or both. @default "subdomains" */
  readonly names?: "subdomains" | "domains" | "both";
  /** Whether a certificate may be for every name of a domain, such as `*.apps.example.com`. @default false */
  readonly wildcards?: boolean;
  /** Whether a certificate may be for IP addresses, any of them. @default false */
  readonly ipAddresses?: boolean;
  /** What certificates may be used for. @default "server" */
  readonly use?: "server" | "client" | "both";
  /** Keys of the certificates. @default "ec-256" */
  readonly keyType?: PkiKeyType;
  /** Lifetime of a certificate if the request gives none. */
  readonly ttl: Duration;
  /** Maximum lifetime of a certificate. */
  readonly maxTtl: Duration;
}

/**
 * A key type as Vault takes it.
 * @param keyType Kind and size.
 * @returns Kind and bits; 0 where the kind has only one size.
 */
export function keyFields(keyType: PkiKeyType): { readonly keyType: string; readonly keyBits: number } {
  const [kind = "", bits] = keyType.split("-");
  return { keyType: kind, keyBits: Number(bits ?? 0) };
}

/**
 * Every fault of an engine's roles.
 * @param roles The roles by their names inside Vault.
 * @param authorityTtl Lifetime of the authority.
 */
export function pkiRoleFaults(roles: Readonly<Record<string, PkiRoleArgs>>, authorityTtl: Duration): string[] {
  return Object.entries(roles).flatMap(([name, role]) => roleFaults(`roles.${name}`, name, role, authorityTtl));
}

function roleFaults(at: string, name: string, role: PkiRoleArgs, authorityTtl: Duration): string[] {
  const { allowedDomains } = role;
  const faults = vaultNameFaults(at, name, "role");
  if (allowedDomains.length === 0) {
    faults.push(fault(`${at}.allowedDomains`, "must hold at least one", [], "a role without a domain issues nothing"));
  }
  for (const [index, domain] of allowedDomains.entries()) {
    if (isDnsName(domain) && domain === domain.toLowerCase()) continue;
    const remedy = "write it as apps.example.com; names and wildcards are settings of their own";
    faults.push(fault(`${at}.allowedDomains[${index}]`, "must be a domain in lower case", domain, remedy));
  }
  return [...faults, ...lifetimeFaults(at, role, authorityTtl)];
}

function lifetimeFaults(at: string, { ttl, maxTtl }: PkiRoleArgs, authorityTtl: Duration): string[] {
  const faults = [...durationFaults(`${at}.ttl`, ttl), ...durationFaults(`${at}.maxTtl`, maxTtl)];
  if (faults.length > 0) return faults;
  if (toSeconds(maxTtl) < toSeconds(ttl)) {
    faults.push(fault(`${at}.maxTtl`, `must be at least the ttl of ${ttl}`, maxTtl, "raise it"));
  }
  // Vault issues nothing that would outlive the authority, whose remaining lifetime keeps shrinking.
  if (durationFaults("", authorityTtl).length === 0 && toSeconds(maxTtl) >= toSeconds(authorityTtl)) {
    const remedy = "lower it, or give the authority a longer life";
    faults.push(fault(`${at}.maxTtl`, `must be shorter than authority.ttl of ${authorityTtl}`, maxTtl, remedy));
  }
  return faults;
}
