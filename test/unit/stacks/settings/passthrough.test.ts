import { describe, expect, test } from "vitest";
import { passthroughConfig } from "../../../../stacks/settings/passthrough.ts";
import { parseSettings } from "../../../../stacks/settings/parse-settings.ts";
import { exampleSettings } from "../../../support/example-settings.ts";

const host = "vault.example.com";
const own = { kind: "own", className: "eg" };

function parsed(passthrough: object, changes: Readonly<Record<string, string>> = {}, stack: "dev" | "ha" = "ha") {
  return parseSettings(exampleSettings({ passthrough: JSON.stringify(passthrough), ...changes }, stack));
}

describe("the setting of the way from outside", () => {
  test("is no way unless it says so, and proved unless it says otherwise", () => {
    expect(passthroughConfig({ passthrough: { kind: "none" } })).toBeNull();
    expect(parsed({ kind: "gateway", host, gateway: own }).settings?.passthrough).toEqual({
      kind: "gateway",
      host,
      gateway: own,
      proof: { kind: "reported" },
    });
  });

  test.each([
    { kind: "gateway", host, gateway: { kind: "existing", namespace: "edge", name: "shared", listener: "tls" } },
    { kind: "traefik", host, entryPoints: ["websecure"], proof: { kind: "address", address: "10.0.0.7:443" } },
    { kind: "nginx", host, className: "public", proof: { kind: "none" } },
  ])("may be %j", (passthrough) => {
    expect(parsed(passthrough).faults).toEqual([]);
  });

  test("has all its faults told at once, under its own names", () => {
    const passthrough = {
      kind: "gateway",
      host,
      gateway: { kind: "own", className: "E G", port: 0 },
      proof: { kind: "address", address: "x" },
    };
    expect(parsed(passthrough).faults.map((text) => text.split(":").slice(0, 2).join(":"))).toEqual([
      "vaultstack:passthrough.gateway.className",
      "vaultstack:passthrough.gateway.port",
      "vaultstack:passthrough.proof.address",
    ]);
  });

  test("takes a host that Vault's certificate carries", () => {
    expect(parsed({ kind: "nginx", host: "other.example.com" }).faults).toEqual([
      'vaultstack:passthrough.host: must be one of vaultHosts, got "other.example.com"; add it there with `pulumi config set --path`, so that Vault\'s certificate carries it',
    ]);
  });

  test("needs a Vault that speaks TLS", () => {
    expect(parsed({ kind: "nginx", host }, {}, "dev").faults).toEqual([
      'vaultstack:passthrough.kind: must be none with the server standalone, which speaks no TLS, got "nginx"; set it to none, or the server to raft',
    ]);
  });

  test.each([
    [{ kind: "istio" }, "vaultstack:passthrough.kind: must be of the kind none, gateway, traefik or nginx"],
    [
      { kind: "gateway", host, gateway: {} },
      'vaultstack:passthrough.gateway.kind: must be {kind: "own"} or {kind: "existing"}',
    ],
    [{ kind: "nginx", host, port: 443 }, "vaultstack:passthrough: must hold no other parts"],
  ])("is not %j", (passthrough, rule) => {
    expect(parsed(passthrough).faults.map((text) => text.split(", got")[0])).toEqual([rule]);
  });
});
