import { attribute, block } from "./hcl.ts";
import { renderSeal, type Sealing } from "../seal/seal-config.ts";
import { apiPort, clusterPort, type RaftTopology, type Topology, type TopologyFacts } from "./topology.ts";

/**
 * Where a Vault container finds and stores things; the pod's volumes and the server's configuration must agree on them.
 */
export const serverPaths = {
  config: "/vault/config",
  data: "/vault/data",
  audit: "/vault/logs",
  tls: "/vault/tls",
} as const;

/** Files of the certificate, in the folder for TLS and as keys of its Secret. */
export const certificateFiles = { certificate: "tls.crt", privateKey: "tls.key", authority: "ca.crt" } as const;

/** What a server's configuration is built from. */
export interface ServerConfigArgs {
  readonly topology: Topology;
  readonly facts: Pick<TopologyFacts, "podHosts" | "serviceHost">;
  /** What keeps the root key. */
  readonly sealing: Sealing;
}

/**
 * Renders the configuration file of a Vault server in HCL.
 *
 * Audit devices are not part of it: they are objects inside Vault, so that adding one needs no restart.
 * @returns The text of the file; null for the development server, which takes none.
 */
export function renderServerConfig({ topology, sealing, facts }: ServerConfigArgs): string | null {
  switch (topology.kind) {
    case "in-memory":
      return null;
    case "standalone":
      return [
        attribute("ui", true),
        // Locking memory needs a capability that the hardened container gives up; cluster nodes run without swap.
        attribute("disable_mlock", true),
        attribute("api_addr", `http://${facts.serviceHost}:${apiPort}`),
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
    case "raft":
      return renderRaftConfig(topology, facts, sealing);
  }
}

// What differs from pod to pod (node id, own addresses) comes from its environment, so that one file fits all.
function renderRaftConfig(
  { performanceMultiplier = 5 }: RaftTopology,
  { podHosts, serviceHost }: ServerConfigArgs["facts"],
  sealing: Sealing,
): string {
  const file = (name: keyof typeof certificateFiles): string => `${serverPaths.tls}/${certificateFiles[name]}`;
  const peers = podHosts.flatMap((host) =>
    block("retry_join", [
      attribute("leader_api_addr", `https://${host}:${apiPort}`),
      attribute("leader_ca_cert_file", file("authority")),
      attribute("leader_tls_servername", serviceHost),
    ]),
  );
  return [
    attribute("ui", true),
    attribute("disable_mlock", true),
    "",
    ...block('listener "tcp"', [
      attribute("address", `[::]:${apiPort}`),
      attribute("cluster_address", `[::]:${clusterPort}`),
      attribute("tls_cert_file", file("certificate")),
      attribute("tls_key_file", file("privateKey")),
      attribute("tls_min_version", "tls12"),
    ]),
    "",
    ...block('storage "raft"', [
      attribute("path", serverPaths.data),
      attribute("performance_multiplier", performanceMultiplier),
      ...peers,
    ]),
    "",
    ...block('service_registration "kubernetes"', []),
    "",
    ...withGap(renderSeal(sealing, serverPaths.config)),
  ].join("\n");
}

function withGap(lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [...lines, ""];
}
