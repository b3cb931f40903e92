import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chooseVault, type DeployedVault, deployedVaults, vaultVariables } from "../../engine/deployed-vault.ts";
import { engineLayout } from "../../engine/layout.ts";
import type { VaultAddress } from "../../project.ts";

const state = mkdtempSync(join(tmpdir(), "deployed-vault-"));
const layout = engineLayout(process.cwd(), state);

function keep(stack: string, resources: readonly object[]): void {
  const folder = join(layout.backend, ".pulumi", "stacks", "vaultstack");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${stack}.json`), JSON.stringify({ version: 3, checkpoint: { latest: { resources } } }));
}

beforeAll(() => {
  keep("dev", [{ type: "pulumi:pulumi:Stack", outputs: { address: "http://10.200.0.1:30004" } }]);
  keep("ha", []);
  keep("half", [{ type: "pulumi:pulumi:Stack" }]);
  writeFileSync(join(layout.backend, ".pulumi", "stacks", "vaultstack", "torn.json"), '{"check');
});

afterAll(() => {
  rmSync(state, { recursive: true });
});

/** What a project could find in a stack's outputs. */
const vaultOf = (outputs: unknown): VaultAddress | undefined =>
  outputs === undefined ? undefined : (outputs as VaultAddress);

const vault = (stack: string, address = "http://10.200.0.1:30004"): DeployedVault => ({
  stack,
  address,
  internalAddress: "https://vault.vault.svc:8200",
  caCertificate: "pem",
});

describe("the stacks that are up", () => {
  test("are those whose outputs tell of a Vault", () => {
    expect(deployedVaults(layout, vaultOf)).toEqual([{ stack: "dev", address: "http://10.200.0.1:30004" }]);
  });

  test("are none before the first run", () => {
    expect(deployedVaults(engineLayout(process.cwd(), join(state, "elsewhere")), vaultOf)).toEqual([]);
  });
});

describe("the stack a shell is meant for", () => {
  const preferred = ["dev", "ha"];

  test("is the one that is named, if it is up", () => {
    expect(chooseVault([vault("dev"), vault("ha")], "ha", preferred)?.stack).toBe("ha");
    expect(chooseVault([vault("dev")], "ha", preferred)).toBeUndefined();
  });

  test("is the one that is up, and among several the project's own", () => {
    expect(chooseVault([vault("ha")], undefined, preferred)?.stack).toBe("ha");
    expect(chooseVault([vault("zeta"), vault("ha")], undefined, preferred)?.stack).toBe("ha");
    expect(chooseVault([vault("team-a"), vault("team-b")], undefined, preferred)).toBeUndefined();
    expect(chooseVault([], undefined, preferred)).toBeUndefined();
  });
});

describe("what Vault's command line is told", () => {
  test("plain HTTP takes the address alone", () => {
    expect(vaultVariables(vault("dev"), "/ca.pem")).toEqual({ VAULT_ADDR: "http://10.200.0.1:30004" });
  });

  test("a name of the gateway is asked for at the gateway's address, because nobody answers for the name", () => {
    expect(vaultVariables(vault("ha", "https://vault.example.com"), "/ca.pem")).toEqual({
      VAULT_ADDR: "https://10.200.0.1:443",
      VAULT_CACERT: "/ca.pem",
      VAULT_TLS_SERVER_NAME: "vault.example.com",
    });
  });

  test("a node port is verified by a name that the certificate carries", () => {
    expect(vaultVariables(vault("ha", "https://10.200.0.1:30004"), "/ca.pem")).toEqual({
      VAULT_ADDR: "https://10.200.0.1:30004",
      VAULT_CACERT: "/ca.pem",
      VAULT_TLS_SERVER_NAME: "vault.vault.svc",
    });
  });

  test("a tunnel is no address, because it ends with each run", () => {
    expect(vaultVariables(vault("ha", "https://127.0.0.1:18200"), "/ca.pem")).toBeUndefined();
  });
});
