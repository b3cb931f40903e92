import type { TokenLifetime } from "../components/access/logins/token-lifetime.ts";
import type { Duration } from "../shared/units.ts";
import type { Topology } from "../components/vault/server/topology.ts";

/** How long what a stack hands out is valid. */
export interface Lifetimes {
  /** Logins with full rights in the schema. They are renewed up to their maximum lifetime, then replaced. */
  readonly developerLogin: LoginLifetime;
  /** Logins that read and write tables. */
  readonly applicationLogin: LoginLifetime;
  /** How often Vault rotates the password of the login for migrations. */
  readonly migratorRotation: Duration;
  /** Vault tokens for workloads whose secrets have no leases. */
  readonly workloadToken: TokenLifetime;
  /** Vault tokens for workloads whose secrets have leases; a lease ends with the token that requested it. */
  readonly leaseToken: TokenLifetime;
}

/** Lifetime of a database login. */
export interface LoginLifetime {
  readonly defaultTtl: Duration;
  readonly maxTtl: Duration;
}

/**
 * Long enough to outlive a restart of the operator or a change of Vault's leader; a renewal is due after two thirds of
 * it.
 */
const leaseToken: TokenLifetime = { kind: "periodic", period: "120s" };

/** Whatever is stolen from a cluster is of use for half the time or less. */
const lifetimes = {
  single: {
    developerLogin: { defaultTtl: "10m", maxTtl: "20m" },
    applicationLogin: { defaultTtl: "1h", maxTtl: "24h" },
    migratorRotation: "24h",
    workloadToken: { kind: "ttl", ttl: "24h" },
    leaseToken,
  },
  cluster: {
    developerLogin: { defaultTtl: "5m", maxTtl: "10m" },
    applicationLogin: { defaultTtl: "15m", maxTtl: "1h" },
    migratorRotation: "1h",
    workloadToken: { kind: "ttl", ttl: "1h" },
    leaseToken,
  },
} as const satisfies Readonly<Record<string, Lifetimes>>;

/** The lifetimes of a stack with this kind of server. */
export function lifetimesOf(topology: Topology): Lifetimes {
  return topology.kind === "raft" ? lifetimes.cluster : lifetimes.single;
}
