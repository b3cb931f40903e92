import { expect, test } from "vitest";
import { renderServerConfig } from "../../../../../components/vault/server/server-config.ts";

test("a standalone server listens without TLS, stores in files and locks no memory", () => {
  const text = renderServerConfig({
    topology: { kind: "standalone", storageSize: "10Gi" },
    facts: { podHosts: ["vault-0.vault-internal.secrets.svc"], serviceHost: "vault.secrets.svc" },
    sealing: { seal: { kind: "shamir" }, previousSeal: null },
  });
  expect(text).toBe(`ui = true
disable_mlock = true
api_addr = "http://vault.secrets.svc:8200"

listener "tcp" {
  address = "[::]:8200"
  cluster_address = "[::]:8201"
  tls_disable = true
}

storage "file" {
  path = "/vault/data"
}
`);
});

test("the development server takes no configuration", () => {
  expect(
    renderServerConfig({
      topology: { kind: "in-memory" },
      facts: { podHosts: [], serviceHost: "h" },
      sealing: { seal: { kind: "shamir" }, previousSeal: null },
    }),
  ).toBeNull();
});

test("a server of a cluster listens with TLS, and asks every server to let it join, each verified by one name", () => {
  const text = renderServerConfig({
    topology: { kind: "raft", nodes: 3, storageSize: "10Gi", performanceMultiplier: 1 },
    facts: { podHosts: ["vault-0.vault-internal.s.svc", "vault-1.vault-internal.s.svc"], serviceHost: "vault.s.svc" },
    sealing: { seal: { kind: "shamir" }, previousSeal: null },
  });
  expect(text).toContain('tls_min_version = "tls12"');
  expect(text).toContain("disable_mlock = true");
  expect(text).toContain("performance_multiplier = 1");
  expect(text).toContain('service_registration "kubernetes" {');
  expect(text?.match(/retry_join \{/g)).toHaveLength(2);
  expect(text?.match(/leader_tls_servername = "vault\.s\.svc"/g)).toHaveLength(2);
  expect(text).toContain('leader_api_addr = "https://vault-1.vault-internal.s.svc:8200"');
  expect(text).not.toContain("tls_disable");
});
