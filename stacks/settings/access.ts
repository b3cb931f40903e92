import { z } from "zod";
import { tunnelPort } from "../../kube/tunnel/tunnel-port.ts";
import { accessFaults as faultsOfAccess } from "../../components/vault/reach/access-faults.ts";
import type { VaultAccess } from "../../components/vault/reach/vault-reach.ts";
import type { serverSettings } from "./server.ts";
import { baseUrl, tunnelPortNumber } from "./setting-rules.ts";
import { type Parsed, project, setting } from "./setting.ts";

/** How the program reaches Vault. */
export const accessSettings = {
  access: setting(
    z.discriminatedUnion(
      "kind",
      [
        z.strictObject({ kind: z.literal("tunnel"), port: tunnelPortNumber().optional() }),
        z.strictObject({ kind: z.literal("address"), url: baseUrl() }),
      ],
      { error: 'must be {kind: "tunnel"} or {kind: "address"}; set vaultstack:access.kind' },
    ),
    {
      default: { kind: "tunnel" },
      description:
        "How the program reaches Vault. {kind: tunnel} listens on a loopback port and goes through the Kubernetes API; its port derives from the stack's name unless port is given. {kind: address, url} uses an address that is reachable, which begins with https:// for a Vault with TLS.",
      examples: [{ kind: "tunnel" }, { kind: "address", url: "https://vault.example.com:8200" }],
    },
  ),
};

type AccessSettings = Parsed<typeof accessSettings>;

/** The form of the address is checked with the setting itself. */
export function accessFaults({ access, server }: Partial<AccessSettings & Parsed<typeof serverSettings>>): string[] {
  if (access?.kind !== "address" || server !== "raft") return [];
  return faultsOfAccess(`${project}:access`, access, true);
}

/** How the program reaches Vault, in the form the components take; the port of a tunnel derives from the stack. */
export function accessConfig({ access }: AccessSettings, stackKey: string): VaultAccess {
  return access.kind === "address" ? access : { kind: "tunnel", port: access.port ?? tunnelPort(stackKey) };
}
