import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { lastRenewal } from "../../../../components/access/logins/token-lifetime.ts";
import {
  certificateFaults,
  renewalFaults,
  tokenEndFaults,
  type CredentialLifetime,
} from "../../../../components/delivery/lifetime-rules.ts";
import { toSeconds, type Duration } from "../../../../shared/units.ts";

// Proves the judgement. That the operator renews when this says it does is shown by the live tests.

const lease = (ttl: Duration, maxTtl: Duration): CredentialLifetime => ({ kind: "lease", ttl, maxTtl });
const seconds = fc.integer({ min: 1, max: 3_000_000 });
const duration = (value: number): Duration => `${value}s`;

describe("a renewal", () => {
  test.each<readonly [string, CredentialLifetime | undefined, number, Duration | undefined]>([
    ["the demonstration's login", lease("10m", "20m"), 67, undefined],
    ["a source that tells nothing", undefined, 90, "30s"],
    ["a long lease, late", lease("24h", "48h"), 89, undefined],
    ["a rotated login", { kind: "rotation", period: "24h" }, 67, undefined],
    ["a lease as long as it may ever be", lease("1h", "1h"), 67, undefined],
  ])("is in time for %s", (_, lifetime, renewalPercent, refreshAfter) => {
    expect(renewalFaults({ renewalPercent, refreshAfter }, lifetime)).toEqual([]);
  });

  test.each<readonly [CredentialLifetime, number, Duration | undefined, string]>([
    [
      lease("24h", "48h"),
      90,
      undefined,
      "renewalPercent: must leave 10s of the source's ttl of 24h, 10 % of which is the operator's random delay, got 90; lower it, or raise the ttl of the role",
    ],
    [
      lease("30s", "1m"),
      67,
      undefined,
      "renewalPercent: must leave 10s of the source's ttl of 30s, 10 % of which is the operator's random delay, got 67; lower it, or raise the ttl of the role",
    ],
    [
      lease("10m", "20m"),
      67,
      "30s",
      'refreshAfter: must not be given for a login with a lease of 10m, which is renewed by renewalPercent, got "30s"; remove it',
    ],
    [
      { kind: "rotation", period: "5s" },
      67,
      undefined,
      'source: must have a rotationPeriod of at least 10s, or workloads mostly hold the password before, got "5s"; raise the period of the role',
    ],
    [
      { kind: "rotation", period: "1h" },
      67,
      "30s",
      'refreshAfter: must not be given for a rotated login, which is read whenever Vault says it was changed, got "30s"; remove it',
    ],
  ])("of %j at %d %% is rejected with both ends named", (lifetime, renewalPercent, refreshAfter, text) => {
    expect(renewalFaults({ renewalPercent, refreshAfter }, lifetime)).toEqual([text]);
  });

  test("is rejected exactly when the operator may come too late", () => {
    fc.assert(
      fc.property(seconds, fc.integer({ min: 0, max: 90 }), (ttl, renewalPercent) => {
        const latest = (ttl * (renewalPercent + 10)) / 100;
        const faults = renewalFaults({ renewalPercent, refreshAfter: undefined }, lease(duration(ttl), duration(ttl)));
        // A thousandth, since both sides are fractions.
        if (Math.abs(ttl - latest - 10) > 0.001) expect(faults.length > 0).toBe(ttl - latest < 10);
      }),
    );
  });
});

describe("a token", () => {
  test.each<readonly [string, Parameters<typeof lastRenewal>[0], CredentialLifetime | undefined]>([
    ["periodic", { kind: "periodic", period: "120s" }, lease("10m", "20m")],
    ["renewable for as long as Vault lets it", { kind: "ttl", ttl: "1m" }, lease("10m", "768h")],
    ["as long-lived as the login", { kind: "ttl", ttl: "10m", maxTtl: "20m" }, lease("10m", "20m")],
    [
      "for a rotated login, which has no lease",
      { kind: "ttl", ttl: "1m", maxTtl: "1m" },
      { kind: "rotation", period: "1h" },
    ],
    ["for a source that tells nothing", { kind: "ttl", ttl: "1m", maxTtl: "1m" }, undefined],
  ])("that is %s keeps its leases", (_, lifetime, source) => {
    expect(tokenEndFaults("lifetime.maxTtl", lastRenewal(lifetime), "secrets.login.source", source)).toEqual([]);
  });

  test("that ends before a lease is rejected with both ends named", () => {
    const end = lastRenewal({ kind: "ttl", ttl: "10m", maxTtl: "15m" });
    expect(tokenEndFaults("lifetime.maxTtl", end, "secrets.login.source", lease("10m", "20m"))).toEqual([
      'lifetime.maxTtl: must be at least the maxTtl of secrets.login.source, 20m, since its leases end with the token, got "15m"; raise it, or make the token periodic',
    ]);
  });

  test("ends by the limit of its mount where it has none of its own", () => {
    expect(lastRenewal({ kind: "ttl", ttl: "1m" }, "1h")).toBe("1h");
    expect(lastRenewal({ kind: "ttl", ttl: "1m" })).toBe("768h");
  });

  test("is rejected exactly when a lease can outlive it", () => {
    fc.assert(
      fc.property(seconds, seconds, (end, maxTtl) => {
        const faults = tokenEndFaults("at", duration(end), "source", lease("1s", duration(maxTtl)));
        expect(faults.length > 0).toBe(end < maxTtl);
      }),
    );
  });
});

describe("a certificate", () => {
  const role = { ttl: "24h", maxTtl: "72h" } as const;

  test.each<readonly [Duration | undefined, Duration | undefined, typeof role | undefined]>([
    [undefined, undefined, undefined],
    ["24h", "1h", undefined],
    ["72h", undefined, role],
    [undefined, "12h", role],
    ["soon" as Duration, "1h", role],
  ])("of %s, replaced %s before its end, is granted by %j", (ttl, expiryOffset, lifetime) => {
    expect(certificateFaults({ ttl, expiryOffset }, lifetime)).toEqual([]);
  });

  test.each<readonly [Duration | undefined, Duration | undefined, string]>([
    ["96h", undefined, 'ttl: must be at most the maxTtl of its role, 72h, got "96h"; lower it'],
    ["1h", "60m", 'expiryOffset: must be shorter than the ttl of 1h, got "60m"; or it is replaced all the time'],
    [
      undefined,
      "2d",
      `expiryOffset: must be shorter than its role's ttl of 24h, got "2d"; or it is replaced all the time`,
    ],
    [undefined, "5s", 'expiryOffset: must be at least 10s, got "5s"; a replacement takes its time'],
  ])("of %s, replaced %s before its end, is rejected with both ends named", (ttl, expiryOffset, text) => {
    expect(certificateFaults({ ttl, expiryOffset }, role)).toEqual([text]);
  });

  test("that is accepted is replaced before its end, and lives as long as its role allows", () => {
    fc.assert(
      fc.property(seconds, seconds, seconds, (ttl, offset, maxTtl) => {
        const renewal = { ttl: duration(ttl), expiryOffset: duration(offset) };
        const accepted = certificateFaults(renewal, { ttl: "1s", maxTtl: duration(maxTtl) }).length === 0;
        expect(accepted).toBe(ttl <= maxTtl && offset < ttl && toSeconds(renewal.expiryOffset) >= 10);
      }),
    );
  });
});
