import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { type ClusterPorts, findClusterPorts, usualPorts } from "../../components/cluster/cluster-ports.ts";
import { connectKube } from "../../kube/kube-client.ts";
import { KubeError } from "../../kube/kube-error.ts";
import type { NetworkPeer } from "../../components/cluster/network-peer.ts";
import { cidrFaults } from "../../shared/cidr.ts";
import { fault } from "../../shared/errors.ts";
import type { NetworkAccess } from "../../components/vault/server/network-policy.ts";
import { quickLook } from "../../protocol/frame/quick-look.ts";
import type { serverSettings } from "./server.ts";
import { type Parsed, project, setting } from "./setting.ts";

const port = z.int({ error: "must be a port from 1 to 65535; correct it" }).min(1).max(65_535);
const rule = "must list at least one port; leave it out for what is found in the cluster";
const ports = z.array(port, { error: rule }).min(1, { error: rule });

const networkPolicy = z.discriminatedUnion(
  "kind",
  [
    z.strictObject({
      kind: z.literal("enforced"),
      dnsPorts: ports.optional(),
      apiServerPorts: ports.optional(),
      egress: z
        .array(
          z.strictObject({ cidr: z.string({ error: "must be a network; write it as 10.1.0.0/16" }).optional(), ports }),
          {
            error: "must be a list of {cidr, ports}; see docs/settings.md",
          },
        )
        .default([]),
    }),
    z.strictObject({ kind: z.literal("none") }),
  ],
  { error: 'must be {kind: "enforced"} or {kind: "none"}; set vaultstack:networkPolicy.kind' },
);

/** What the servers of a cluster may reach. */
export const networkSettings = {
  networkPolicy: setting(networkPolicy, {
    default: { kind: "enforced" },
    description:
      "Whom the servers of a cluster may reach. {kind: enforced} makes network policies: each other, DNS and the API server by the ports found in the cluster unless dnsPorts and apiServerPorts give them, the stack's own Postgres, what other settings name, and egress, where cidr left out is anybody. {kind: none} makes no policy.",
    examples: [
      { kind: "enforced", apiServerPorts: [6443], egress: [{ cidr: "10.1.0.0/16", ports: [5432] }] },
      { kind: "none" },
    ],
  }),
};

type NetworkSettings = Parsed<typeof networkSettings>;

/** What the servers may reach, in the form the components take. */
export type NetworkConfig =
  | {
      readonly kind: "enforced";
      /** Ports of DNS; null for those found in the cluster. */
      readonly dnsPorts: readonly number[] | null;
      /** Ports of the API server; null for those found in the cluster. */
      readonly apiServerPorts: readonly number[] | null;
      /** Further peers. */
      readonly egress: readonly NetworkPeer[];
    }
  | { readonly kind: "none" };

/** Every fault of the setting that its schema does not catch. */
export function networkFaults({
  networkPolicy: chosen,
  server,
}: Partial<NetworkSettings & Parsed<typeof serverSettings>>): string[] {
  if (chosen === undefined || chosen.kind === "none") return [];
  const at = `${project}:networkPolicy`;
  const { dnsPorts, apiServerPorts, egress } = chosen;
  const parts = { dnsPorts, apiServerPorts, egress: egress.length === 0 ? undefined : egress };
  const unused = Object.entries(parts).filter(([, part]) => part !== undefined);
  return [
    ...egress.flatMap(({ cidr }, index) =>
      cidr === undefined
        ? []
        : cidrFaults(`${at}.egress.${index}.cidr`, [cidr]).map((text) => text.replace("[0]:", ":")),
    ),
    ...(server === undefined || server === "raft"
      ? []
      : unused.map(([name, part]) =>
          fault(`${at}.${name}`, `must be left out with the server ${server}, which has no policy`, part, "remove it"),
        )),
  ];
}

/** Converts the setting to the form the components take. */
export function networkConfig({ networkPolicy: chosen }: NetworkSettings): NetworkConfig {
  if (chosen.kind === "none") return chosen;
  const { dnsPorts = null, apiServerPorts = null, egress } = chosen;
  const peers = egress.flatMap(({ cidr, ports: allowed }): NetworkPeer[] =>
    cidr === undefined
      ? allowed.map((number) => ({ kind: "host", port: number }))
      : [{ kind: "network", cidr, ports: allowed }],
  );
  return { kind: "enforced", dnsPorts, apiServerPorts, egress: peers };
}

/**
 * Which ports of the cluster the servers may reach: those that are set, or else those found. In a preview, a cluster
 * that cannot be asked, because it does not exist yet, gets the usual ones.
 * @returns What the server's network policy is built from.
 * @throws {pulumi.RunError} When a run that changes the cluster cannot ask it: fewer ports would cut Vault off.
 */
export async function networkAccess(config: NetworkConfig, kubeContext: string): Promise<NetworkAccess> {
  if (config.kind === "none") return config;
  const { dnsPorts, apiServerPorts } = config;
  const isSet = dnsPorts !== null && apiServerPorts !== null;
  const found = isSet ? usualPorts : await lookUp(kubeContext);
  return { kind: "enforced", ports: { dns: dnsPorts ?? found.dns, apiServer: apiServerPorts ?? found.apiServer } };
}

async function lookUp(kubeContext: string): Promise<ClusterPorts> {
  const ask = async () => findClusterPorts(await connectKube(kubeContext));
  if (pulumi.runtime.isDryRun()) return (await quickLook(ask)) ?? usualPorts;
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof KubeError && error.kind === "forbidden")) {
      throw new pulumi.RunError(error instanceof Error ? error.message : String(error));
    }
    const text =
      "the ports of DNS and of the API server may not be looked up, so the network policy has the usual ones";
    void pulumi.log.warn(`${text}; set networkPolicy.dnsPorts and networkPolicy.apiServerPorts`);
    return usualPorts;
  }
}
