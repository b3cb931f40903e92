import { expect, test } from "vitest";
import { renderServerConfig } from "../../../../components/vault/server-config.ts";

test("a standalone server listens without TLS, stores in files and locks no memory", () => {
  const text = renderServerConfig({
    topology: { kind: "standalone", storageSize: "10Gi" },
    sealing: { seal: { kind: "shamir" }, previousSeal: null },
    advertisedHost: "vault.secrets.svc",
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
      topology: { kind: "dev" },
      sealing: { seal: { kind: "shamir" }, previousSeal: null },
      advertisedHost: "h",
    }),
  ).toBeNull();
});
