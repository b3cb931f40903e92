import { attribute, block } from "./hcl.ts";
import { renderSeal, type Sealing } from "./seal-config.ts";
import { apiPort, clusterPort, type Topology } from "./topology.ts";

/** Where a Vault container finds and keeps things; the pod's volumes and the server's configuration must agree on them. */
export const serverPaths = {
  config: "/vault/config",
  data: "/vault/data",
  audit: "/vault/logs",
} as const;

/** What a server's configuration is made from. */
export interface ServerConfigArgs {
  readonly topology: Topology;
  /** What keeps the root key. */
  readonly sealing: Sealing;
  /** Host that clients and other servers reach this Vault by. */
  readonly advertisedHost: string;
}

/**
 * Renders the configuration file of a Vault server in HCL.
 *
 * Audit devices are not part of it: they are objects inside Vault, so that adding one needs no restart.
 * @param args What the server is.
 * @returns The text of the file; null for the development server, which takes none.
 */
export function renderServerConfig({ topology, sealing, advertisedHost }: ServerConfigArgs): string | null {
  switch (topology.kind) {
    case "dev":
      return null;
    case "standalone":
      return [
        attribute("ui", true),
        // Locking memory needs a capability that the hardened container gives up; nodes of a cluster run without swap.
        attribute("disable_mlock", true),
        attribute("api_addr", `http://${advertisedHost}:${apiPort}`),
        "",
        ...block('listener "tcp"', [
          attribute("address", `[::]:${apiPort}`),
          attribute("cluster_address", `[::]:${clusterPort}`),
          attribute("tls_disable", true),
        ]),
        "",
        ...block('storage "file"', [attribute("path", serverPaths.data)]),
        "",
        ...withGap(renderSeal(sealing, serverPaths.config)),
      ].join("\n");
  }
}

function withGap(lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [...lines, ""];
}
