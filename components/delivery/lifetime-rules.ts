import { fault } from "../../shared/errors.ts";
import { isDuration, toSeconds, type Duration } from "../../shared/units.ts";

/** How long what a role issues is valid. */
export type CredentialLifetime =
  | {
      /** Each reader gets a credential of its own, which its lease renews and revokes. */
      readonly kind: "lease";
      /** Lifetime of a credential that nobody renews. */
      readonly ttl: Duration;
      /** Its maximum lifetime. */
      readonly maxTtl: Duration;
    }
  | {
      /** All readers get the same credential, which Vault rotates. */
      readonly kind: "rotation";
      /** Time between two rotations. */
      readonly period: Duration;
    };

/** Lifetime of the certificates of a role. */
export interface CertificateLifetime {
  readonly ttl: Duration;
  readonly maxTtl: Duration;
}

/** Time one request to Vault and writing a Secret may take on a busy cluster; restarting pods takes longer. */
const takeOver: Duration = "10s";

/** The operator adds up to a tenth of the lease at random. */
const jitterPercent = 10;

/** When and how often the operator requests a credential. */
export interface CredentialRenewal {
  /** Part of the lease after which it is renewed or replaced. */
  readonly renewalPercent: number;
  /** How often a credential without a lease is requested. */
  readonly refreshAfter: Duration | undefined;
}

/**
 * Every fault of a renewal that comes too late, or never, for what the source issues.
 * @param renewal When the operator requests it.
 * @param lifetime How long the credential is valid; undefined when it is not known here.
 */
export function renewalFaults(renewal: CredentialRenewal, lifetime: CredentialLifetime | undefined): string[] {
  const { renewalPercent, refreshAfter } = renewal;
  if (lifetime === undefined) return [];
  if (lifetime.kind === "rotation") {
    return [
      ...unheeded(refreshAfter, "a rotated login, which is read whenever Vault says it was changed"),
      ...tooOften(lifetime),
    ];
  }
  const { ttl } = lifetime;
  const faults = unheeded(refreshAfter, `a login with a lease of ${ttl}, which is renewed by renewalPercent`);
  if (!isDuration(ttl) || !Number.isFinite(renewalPercent)) return faults;
  const left = (toSeconds(ttl) * (100 - jitterPercent - renewalPercent)) / 100;
  if (left >= toSeconds(takeOver)) return faults;
  const rule = `must leave ${takeOver} of the source's ttl of ${ttl}, ${jitterPercent} % of which is the operator's random delay`;
  return [...faults, fault("renewalPercent", rule, renewalPercent, "lower it, or raise the ttl of the role")];
}

function unheeded(refreshAfter: Duration | undefined, source: string): string[] {
  if (refreshAfter === undefined) return [];
  return [fault("refreshAfter", `must not be given for ${source}`, refreshAfter, "remove it")];
}

function tooOften({ period }: { readonly period: Duration }): string[] {
  if (!isShorter(period, takeOver)) return [];
  const rule = `must have a rotationPeriod of at least ${takeOver}, or workloads mostly hold the password before`;
  return [fault("source", rule, period, "raise the period of the role")];
}

/**
 * The fault of a token that ends before the credentials requested with it: their leases end with the token.
 * @param at Where the token's lifetime is set.
 * @param tokenEnd Its end, counted from the login; null for a token that need not end.
 * @param source Path of the source, for the message.
 * @param lifetime How long the credential is valid; undefined when it is not known here.
 */
export function tokenEndFaults(
  at: string,
  tokenEnd: Duration | null | undefined,
  source: string,
  lifetime: CredentialLifetime | undefined,
): string[] {
  if (tokenEnd === null || tokenEnd === undefined || lifetime?.kind !== "lease") return [];
  const { maxTtl } = lifetime;
  if (!isShorter(tokenEnd, maxTtl)) return [];
  const rule = `must be at least the maxTtl of ${source}, ${maxTtl}, since its leases end with the token`;
  return [fault(at, rule, tokenEnd, "raise it, or make the token periodic")];
}

/** What is requested for a certificate's lifetime. */
export interface CertificateRenewal {
  readonly ttl: Duration | undefined;
  /** How long before it expires it is replaced. */
  readonly expiryOffset: Duration | undefined;
}

/**
 * Every fault of a certificate's lifetime that its role does not grant, or that leaves no time to replace it.
 * @param renewal What is requested; durations are validated elsewhere.
 * @param lifetime What the role issues; undefined when it is not known here.
 */
export function certificateFaults(renewal: CertificateRenewal, lifetime: CertificateLifetime | undefined): string[] {
  const { ttl, expiryOffset } = renewal;
  const faults: string[] = [];
  if (ttl !== undefined && lifetime !== undefined && isShorter(lifetime.maxTtl, ttl)) {
    faults.push(fault("ttl", `must be at most the maxTtl of its role, ${lifetime.maxTtl}`, ttl, "lower it"));
  }
  if (expiryOffset === undefined) return faults;
  if (isShorter(expiryOffset, takeOver)) {
    faults.push(fault("expiryOffset", `must be at least ${takeOver}`, expiryOffset, "a replacement takes its time"));
  }
  const life = ttl ?? lifetime?.ttl;
  if (life === undefined || isShorter(expiryOffset, life)) return faults;
  const whose = ttl === undefined ? `its role's ttl of ${life}` : `the ttl of ${life}`;
  const remedy = "or it is replaced all the time";
  return areDurations(expiryOffset, life)
    ? [...faults, fault("expiryOffset", `must be shorter than ${whose}`, expiryOffset, remedy)]
    : faults;
}

/** An invalid duration is neither shorter nor longer; it is rejected elsewhere. */
function isShorter(left: Duration, right: Duration): boolean {
  return areDurations(left, right) && toSeconds(left) < toSeconds(right);
}

function areDurations(...values: readonly Duration[]): boolean {
  return values.every((value) => isDuration(value));
}
