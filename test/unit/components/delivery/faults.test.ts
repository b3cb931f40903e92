import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { describe, expect, test } from "vitest";
import { destinationFaults, rolloutFaults } from "../../../../components/delivery/custom-resources/destination.ts";
import { dynamicSecretFaults } from "../../../../components/delivery/custom-resources/dynamic-secret.ts";
import { pkiSecretFaults } from "../../../../components/delivery/custom-resources/pki-secret.ts";
import { secretDeliveryFaults } from "../../../../components/delivery/delivery-faults.ts";
import { staticSecretFaults } from "../../../../components/delivery/custom-resources/static-secret.ts";
import { vaultAuthFaults } from "../../../../components/delivery/custom-resources/vault-auth.ts";
import type { Duration } from "../../../../shared/units.ts";

const destination = { kind: "create", name: "config" } as const;
const text = pulumi.output("x");
const kv = { mount: text, name: "app", dataPath: text, metadataPath: text };
const source = { mount: "db", credentialsPath: "creds/app", rules: [] };
const rules = (faults: readonly string[]) => faults.map((fault) => fault.split(", got")[0]);

describe("a destination", () => {
  test("may be a Secret with patterns that Go understands", () => {
    const transformation = { includes: ["^user.*$", "(?i)password"], excludes: [".*"] };
    expect(destinationFaults({ ...destination, transformation })).toEqual([]);
  });

  test("is rejected with a bad name, an empty pattern and a broken one, all at once", () => {
    const transformation = { includes: [""], excludes: ["ok", "("] };
    expect(rules(destinationFaults({ kind: "create", name: "My Secret", transformation }))).toEqual([
      "destination.transformation.includes[0]: must not be empty, which matches every key",
      "destination.transformation.excludes[1]: must be a regular expression",
      "destination.name: must be a Kubernetes name",
    ]);
  });
});

test("a rollout restart is rejected twice for one workload, and where the operator would not notice a change", () => {
  const target = { kind: "Deployment", name: "app" } as const;
  expect(rules(rolloutFaults([target, target], false))).toEqual([
    "rolloutRestart[1]: must be listed once",
    "hmacSecretData: must be true with rolloutRestart",
  ]);
});

describe("a static secret", () => {
  test("may be read every day", () => {
    expect(staticSecretFaults({ destination, refreshAfter: "1d" })).toEqual([]);
  });

  test.each([
    [{ refreshAfter: "soon" as Duration }, "refreshAfter: must be a positive whole number and a unit"],
    [{ timeout: "-1s" as Duration }, "timeout: must be a positive whole number and a unit"],
    [{ version: 0 }, "version: must be a whole number from 1"],
    [{ version: 1.5 }, "version: must be a whole number from 1"],
  ])("is rejected with %j", (change, rule) => {
    expect(rules(staticSecretFaults({ destination, ...change }))).toEqual([rule]);
  });
});

describe("a dynamic secret", () => {
  test.each([-1, 91, 50.5, Number.NaN])("is rejected with a renewal at %d %%", (renewalPercent) => {
    expect(rules(dynamicSecretFaults({ source, destination, renewalPercent }))).toEqual([
      "renewalPercent: must be a whole number from 0 to 90",
    ]);
  });

  test("is rejected when a rotated login should be revoked: it has no lease", () => {
    expect(
      rules(
        dynamicSecretFaults({
          source: { ...source, lifetime: { kind: "rotation", period: "1h" } },
          destination,
          revoke: true,
        }),
      ),
    ).toEqual(["revoke: must not be true for a static role, which has no lease"]);
  });
});

test("a certificate is rejected when it would be replaced as soon as it is issued, with both ends named", () => {
  const certificate = { source: { mount: "pki", role: "web" }, destination };
  expect(pkiSecretFaults({ ...certificate, ttl: "1h", expiryOffset: "60m" })).toEqual([
    'expiryOffset: must be shorter than the ttl of 1h, got "60m"; or it is replaced all the time',
  ]);
  expect(pkiSecretFaults({ ...certificate, ttl: "24h", expiryOffset: "1h" })).toEqual([]);
});

describe("a login method", () => {
  const serviceAccount = {} as k8s.core.v1.ServiceAccount;
  const login = { authPath: text, roleName: text, audience: "vault" };

  test("is rejected with a token that Kubernetes would not make, and with every namespace of the cluster", () => {
    const method = { kind: "kubernetes", login, serviceAccount, tokenExpiration: "5m" } as const;
    expect(rules(vaultAuthFaults({ method, allowedNamespaces: ["*"] }))).toEqual([
      "allowedNamespaces: must name each namespace",
      "method.tokenExpiration: must be at least 10m",
    ]);
  });
});

describe("a delivery", () => {
  const secret = { kind: "static", source: kv, destination } as const;

  test("is rejected without a secret", () => {
    expect(rules(secretDeliveryFaults({}, null))).toEqual(["secrets: must hold at least one"]);
  });

  test("is rejected when two secrets write one Secret", () => {
    expect(secretDeliveryFaults({ first: secret, second: secret }, null)).toEqual([
      'secrets.second.destination: must not be that of secrets.first: each would overwrite the other, got "config"; choose another Secret',
    ]);
  });

  test("is rejected with the faults of all its secrets at once, by their names", () => {
    const lifetime = { kind: "lease", ttl: "10m", maxTtl: "20m" } as const;
    const secrets = {
      config: { ...secret, version: 0 },
      login: {
        kind: "dynamic",
        source: { ...source, lifetime },
        destination: { ...destination, name: "l" },
        renewalPercent: 90,
      },
      outside: {
        kind: "dynamic",
        source: { ...source, credentialsPath: "../sys/raw" },
        destination: { ...destination, name: "o" },
      },
    } as const;
    expect(rules(secretDeliveryFaults(secrets, "15m"))).toEqual([
      "secrets.config.version: must be a whole number from 1",
      "secrets.login.renewalPercent: must leave 10s of the source's ttl of 10m, 10 % of which is the operator's random delay",
      "secrets.outside.source.credentialsPath: must be a path below the mount",
      "lifetime.maxTtl: must be at least the maxTtl of secrets.login.source, 20m, since its leases end with the token",
    ]);
  });
});
