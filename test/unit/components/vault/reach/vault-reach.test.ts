import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import * as pulumi from "@pulumi/pulumi";
import { afterEach, describe, expect, test } from "vitest";
import { reachVault } from "../../../../../components/vault/reach/vault-reach.ts";
import type { VaultTarget } from "../../../../../protocol/frame/vault-target.ts";

const target: VaultTarget = {
  kubeContext: "no-such-context",
  namespace: "vault",
  statefulSet: "vault",
  pods: ["vault-0"],
  port: 8200,
  tls: null,
};

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

async function vaultAnswering(body: string): Promise<string> {
  const server = createServer((_request, response) => response.end(body));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe("asked before anything is changed", () => {
  test("an open Vault serves and tells its identity", async () => {
    const url = await vaultAnswering('{"initialized":true,"sealed":false,"cluster_id":"c-1"}');
    expect(await reachVault({ kind: "address", url }, target)).toEqual({
      address: url,
      serverName: null,
      serving: { clusterId: "c-1" },
      obstacle: "",
    });
  });

  test.each([
    ['{"initialized":true,"sealed":true}', "it is sealed"],
    ['{"initialized":false,"sealed":true}', "it is not initialised"],
    ['{"errors":["no"]}', "it is not initialised"],
    ["<html>", "no Vault answers"],
    ["null", "what answers is not Vault"],
  ])("what answers %s does not serve, because %s", async (body, obstacle) => {
    const url = await vaultAnswering(body);
    expect(await reachVault({ kind: "address", url }, target)).toMatchObject({ serving: null, obstacle });
  });

  test("an address where nobody listens does not serve and is no error", async () => {
    expect(await reachVault({ kind: "address", url: "http://127.0.0.1:1" }, target)).toMatchObject({
      serving: null,
      obstacle: "no Vault answers",
    });
  });
});

test("a tunnel to a context that does not exist is an error without a stack trace", async () => {
  const failure: unknown = await reachVault({ kind: "tunnel", port: 18_299 }, target).catch((error: unknown) => error);
  expect(pulumi.RunError.isInstance(failure)).toBe(true);
});
