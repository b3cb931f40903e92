/** What somebody else's certificate is refused and warned of for. That a cluster takes one that fits is proved live. */
import { beforeAll, describe, expect, test } from "vitest";
import { exchangeFaults } from "../../../../../components/vault/certificate/authority-exchange.ts";
import { certificateTimes, expiryWarnings } from "../../../../../components/vault/certificate/certificate-expiry.ts";
import { storedCertificateFaults } from "../../../../../components/vault/certificate/certificate-judgement.ts";
import type {
  CertificateSource,
  IssuedCertificate,
} from "../../../../../components/vault/certificate/certificate-source.ts";
import { parseStored, type StoredCertificate } from "../../../../../components/vault/certificate/stored-certificate.ts";
import { topologyFacts } from "../../../../../components/vault/server/topology.ts";
import { TlsAuthority } from "../../../../support/tls-authority.ts";
import type { TlsPair } from "../../../../support/tls-pair.ts";

const topology = { kind: "raft", nodes: 3, storageSize: "1Gi", hosts: ["vault.example.com"] } as const;
const { verifiedHosts } = topologyFacts(topology, { name: "vault", namespace: "vault" });
const wildcards = ["*.vault.svc", "*.vault-internal.vault.svc", "vault.example.com"];
const day = 86_400_000;

let authority: TlsAuthority;
let pair: TlsPair;

beforeAll(async () => {
  authority = await TlsAuthority.create("corporate");
  pair = await authority.issue(verifiedHosts);
});

function stored(files: Readonly<Record<string, string>>): StoredCertificate {
  const fitting = { "tls.crt": pair.certificate, "tls.key": pair.key, "ca.crt": authority.certificate };
  const data = Object.entries({ ...fitting, ...files }).map(([name, text]) => [
    name,
    Buffer.from(text).toString("base64"),
  ]);
  return parseStored(Object.fromEntries(data) as Record<string, string>);
}

function faults(files: Readonly<Record<string, string>> | null): string[] {
  const demand = { secret: "vault/corporate", hosts: verifiedHosts, now: Date.now() };
  return storedCertificateFaults(files === null ? null : stored(files), demand);
}

describe("somebody else's certificate", () => {
  test("has no fault when it carries every name and leads to its authority", () => {
    expect(faults({})).toEqual([]);
  });

  test("may carry the names by wildcards, and lead there by way of others", async () => {
    const between = await authority.intermediate("between");
    const leaf = await between.issue(wildcards);
    expect(faults({ "tls.crt": leaf.certificate + between.certificate, "tls.key": leaf.key })).toEqual([]);
  });

  test("must be there", () => {
    expect(faults(null)).toEqual([
      "Secret vault/corporate: must exist with tls.crt, tls.key and ca.crt, got nothing; create it, with the namespace if that is not there, which then becomes the stack's",
    ]);
  });

  test("is told every fault at once", async () => {
    const other = await TlsAuthority.create("another");
    const leaf = await other.issue(["vault.vault.svc"], { until: -0.5 }, "clientAuth");
    const found = faults({ "tls.crt": leaf.certificate });
    expect(found.map((text) => text.replace(/, got .*/, ""))).toEqual([
      "Secret vault/corporate tls.key: must be the key of the certificate in tls.crt",
      "Secret vault/corporate tls.crt: must not have ended",
      "Secret vault/corporate tls.crt: must be valid for vault-active.vault.svc, vault-standby.vault.svc, vault-0.vault-internal.vault.svc, vault-1.vault-internal.vault.svc, vault-2.vault-internal.vault.svc, vault.example.com",
      "Secret vault/corporate tls.crt: must be usable by servers",
      "Secret vault/corporate tls.crt: must lead to an authority in ca.crt",
    ]);
  });

  test.each([
    ["no key", { "tls.key": "" }, "tls.key: must be a private key in PEM, not encrypted, got nothing"],
    ["no authority", { "ca.crt": "" }, "ca.crt: must be certificates in PEM, got nothing"],
    ["something that is no certificate", { "tls.crt": "x" }, "tls.crt: must be certificates in PEM, got a value"],
  ])("with %s is a fault", (_, files, rule) => {
    expect(faults(files).join("\n")).toContain(rule);
  });

  test("must not be trusted by itself, nor be valid later", async () => {
    const later = await authority.issue(verifiedHosts, { from: 1 });
    expect(faults({ "ca.crt": pair.certificate + authority.certificate }).join("\n")).toContain("authorities only");
    expect(faults({ "tls.crt": later.certificate, "tls.key": later.key }).join("\n")).toContain(
      "must be valid already",
    );
  });

  test("never shows its key in a fault", () => {
    const key = pair.key.split("\n")[1] ?? "";
    expect(faults({ "tls.crt": pair.key, "ca.crt": pair.key }).join("\n")).not.toContain(key);
  });
});

describe("the end", () => {
  const existing: CertificateSource = { kind: "existing", secretName: "corporate", renewBefore: "30d" };

  test("of certificate and first authority is told", async () => {
    const shorter = await TlsAuthority.create("shorter", { until: 20 });
    const times = certificateTimes(stored({ "ca.crt": authority.certificate + shorter.certificate }));
    expect(Date.parse(times?.expires ?? "") - Date.now()).toBeGreaterThan(59 * day);
    expect(Date.parse(times?.authorityExpires ?? "") - Date.now()).toBeLessThan(20 * day);
  });

  test("is no matter while there is time", () => {
    expect(expiryWarnings(existing, stored({}), Date.now())).toEqual([]);
  });

  test.each<[CertificateSource, string]>([
    [existing, "renew it in the Secret corporate"],
    [
      { kind: "issued", authorities: ["ca1"], validity: "90d", renewBefore: "30d", authorityValidity: "3650d" },
      "`up` renews it",
    ],
    [
      {
        kind: "cert-manager",
        issuerRef: { kind: "ClusterIssuer", name: "i" },
        duration: "90d",
        renewBefore: "30d",
        authority: { kind: "secret" },
      },
      "cert-manager should have renewed it",
    ],
  ])("is warned of within the window, by who renews it: %j", (source, remedy) => {
    const [warning] = expiryWarnings(source, stored({}), Date.now() + 40 * day);
    expect(warning).toContain("the certificate of Vault's listener ends ");
    expect(warning).toContain(remedy);
  });

  test("is told when it has come, and that of an authority as well", () => {
    const warnings = expiryWarnings(existing, stored({}), Date.now() + 3651 * day);
    expect(warnings).toEqual([
      expect.stringContaining("the certificate of Vault's listener ended "),
      expect.stringContaining("an authority that Vault's certificate is verified with ended "),
    ]);
  });
});

describe("an exchange of authorities", () => {
  const source: IssuedCertificate = {
    kind: "issued",
    authorities: ["ca1"],
    validity: "90d",
    renewBefore: "30d",
    authorityValidity: "3650d",
  };

  /** What is in use: who signed, and who else is trusted. */
  async function inUse(signer: string, ...others: string[]): Promise<StoredCertificate> {
    const authorities = await Promise.all([signer, ...others].map((name) => TlsAuthority.create(`vault-tls-${name}`)));
    const leaf = await authorities[0]!.issue(verifiedHosts);
    const bundle = authorities.map(({ certificate }) => certificate).join("");
    return stored({ "tls.crt": leaf.certificate, "tls.key": leaf.key, "ca.crt": bundle });
  }

  test.each([
    [["ca1"], ["ca1", "ca2"]],
    [
      ["ca1", "ca2"],
      ["ca2", "ca1"],
    ],
    [["ca2", "ca1"], ["ca2"]],
  ])("from %j to %j leaves no client without trust", async ([signer = "", ...others], authorities) => {
    expect(exchangeFaults({ ...source, authorities }, await inUse(signer, ...others))).toEqual([]);
  });

  test("in one edit is refused", async () => {
    expect(exchangeFaults({ ...source, authorities: ["ca2"] }, await inUse("ca1"))).toEqual([
      'source.authorities: must keep ca1, which signed the certificate in use, got ["ca2"]; put the new one first and keep the old one for one `up`',
      'source.authorities: must begin with one that is trusted already (ca1), got ["ca2"]; add the new one at the end for one `up`, and let clients take over the bundle',
    ]);
  });

  test("that signs with an authority nobody trusts yet is refused", async () => {
    expect(exchangeFaults({ ...source, authorities: ["ca2", "ca1"] }, await inUse("ca1"))).toHaveLength(1);
  });

  test("has no order before the first run, or after somebody else's", () => {
    expect(exchangeFaults(source, null)).toEqual([]);
    expect(exchangeFaults(source, stored({}))).toEqual([]);
  });
});
