import { z } from "zod";
import { autopilotFaults } from "../../components/vault/server/autopilot.ts";
import { hostFaults, type Topology } from "../../components/vault/server/topology.ts";
import type { VaultServerArgs } from "../../components/vault/server/vault-server.ts";
import { versionFaults } from "../../components/vault/server/vault-version.ts";
import { images } from "../../shared/versions.ts";
import type { clusterSettings } from "./cluster.ts";
import { duration, image, nodePort, oneOf, size, wholeNumber } from "./setting-rules.ts";
import { type Parsed, project, setting } from "./setting.ts";

const deadServers = z.discriminatedUnion(
  "kind",
  [
    z.strictObject({ kind: z.literal("keep") }),
    z.strictObject({ kind: z.literal("remove"), after: duration().default("24h") }),
  ],
  { error: 'must be {kind: "keep"} or {kind: "remove"}; set vaultstack:raftAutopilot.deadServers.kind' },
);

const hosts = z.array(z.string({ error: "must be text; quote it" }), {
  error: "must be a list of host names; set each with `pulumi config set --path`",
});

/** Vault's servers: how many, with which image, on which volumes. */
export const serverSettings = {
  server: setting(
    oneOf(["standalone", "in-memory", "raft"], "raft is a cluster of servers, in-memory a throw-away one"),
    {
      default: "standalone",
      description:
        "Kind of Vault server, and so of the stack around it. standalone is one Vault on its own volume. raft is a cluster of servers with TLS. in-memory is Vault's development server, open to whoever reaches it and empty after each restart. To change it, destroy the stack first: nothing can be carried over.",
    },
  ),
  raftNodes: setting(
    z.literal([3, 5, 7], { error: "must be 3 or 5 or 7; an even number of servers bears no more losses" }),
    {
      default: 3,
      description: "Number of servers of a cluster, 3, 5 or 7. It serves while more than half of them do.",
      examples: [5],
    },
  ),
  raftSpread: setting(oneOf(["required", "preferred"], "use preferred where there are fewer machines than servers"), {
    default: "required",
    description:
      "Whether two servers of a cluster may share a machine. required leaves a server pending that would, preferred lets it run.",
  }),
  raftPerformanceMultiplier: setting(wholeNumber(1, 10, "5 is Vault's own default"), {
    default: 5,
    description:
      "Factor of the time limits among the servers of a cluster, 1 to 10. 1 notices a lost leader within seconds and bears less delay.",
    examples: [1],
  }),
  raftAutopilot: setting(
    z.strictObject({
      deadServers: deadServers.default({ kind: "remove", after: "24h" }),
      lastContactThreshold: duration().default("10s"),
      maxTrailingLogs: z.number({ error: "must be a number; 1000 is usual" }).default(1000),
      serverStabilizationTime: duration().default("10s"),
    }),
    {
      default: {},
      description:
        "How a cluster judges its own servers. With deadServers remove it gives up servers that are one too many and silent for `after`, never one of raftNodes. A server without its leader for lastContactThreshold, or maxTrailingLogs entries behind it, is unhealthy; a new one votes after it was healthy for serverStabilizationTime.",
      examples: [{ deadServers: { kind: "keep" } }, { deadServers: { kind: "remove", after: "12h" } }],
    },
  ),
  vaultHosts: setting(hosts, {
    default: [],
    description:
      "Host names and addresses that clients outside the cluster reach Vault by. Names are in lower case and have a domain; the certificate carries them.",
    examples: [["vault.example.com"]],
  }),
  vaultImage: setting(image(), {
    default: images.vault,
    description: "Image of Vault with a fixed tag or digest. Changing it restarts the pods and unseals them again.",
  }),
  vaultVersion: setting(z.string({ error: "must be text; quote it" }), {
    default: "",
    description:
      "Version of Vault in vaultImage, where its tag is another or there is only a digest. Change it with the image. Empty is the version in the tag; where neither says one, a preview of a sealed Vault does not compare what lives inside.",
    examples: ["1.21.0", "1.21.0+ent"],
  }),
  storageSize: setting(size(), {
    default: "10Gi",
    description: "Size of the volume for Vault's data, as a whole number with Ki, Mi, Gi or Ti.",
  }),
  auditStorageSize: setting(size(), {
    default: "10Gi",
    description: "Size of the volume for the audit log. Vault stops when neither audit device can be written.",
  }),
  nodePort: setting(nodePort(), {
    default: 0,
    description: "Port of every node that leads to Vault, 30000 to 32767. 0 is none.",
    examples: [30_004],
  }),
};

type ServerSettings = Parsed<typeof serverSettings>;

/** Vault's servers in the terms of their component. */
export type ServerConfig = Required<
  Pick<VaultServerArgs, "topology" | "namespace" | "image" | "auditStorageSize" | "storageClass" | "nodePort">
> &
  Pick<VaultServerArgs, "version">;

/** Every fault of these settings that their schemas do not catch. */
export function serverFaults({
  vaultImage = "",
  vaultVersion = "",
  vaultHosts = [],
  raftAutopilot,
}: Partial<ServerSettings>): string[] {
  return [
    ...(vaultVersion === "" ? [] : versionFaults(`${project}:vaultVersion`, vaultImage, vaultVersion)),
    ...vaultHosts.flatMap((host, index) => hostFaults(`${project}:vaultHosts[${index}]`, host)),
    ...(raftAutopilot === undefined ? [] : autopilotFaults(raftAutopilot)).map(
      (text) => `${project}:raftAutopilot.${text}`,
    ),
  ];
}

/** Converts these settings to the form the component takes. */
export function serverConfig(settings: ServerSettings & Parsed<typeof clusterSettings>): ServerConfig {
  const { namespace, storageClass, vaultImage, vaultVersion, auditStorageSize, nodePort: port } = settings;
  return {
    topology: topology(settings),
    namespace,
    image: vaultImage,
    ...(vaultVersion !== "" && { version: vaultVersion }),
    auditStorageSize,
    storageClass: storageClass === "" ? undefined : storageClass,
    nodePort: port === 0 ? undefined : port,
  };
}

function topology(settings: ServerSettings): Topology {
  const { storageSize } = settings;
  switch (settings.server) {
    case "in-memory":
      return { kind: "in-memory" };
    case "standalone":
      return { kind: "standalone", storageSize };
    case "raft":
      return {
        kind: "raft",
        nodes: settings.raftNodes,
        storageSize,
        spread: settings.raftSpread,
        performanceMultiplier: settings.raftPerformanceMultiplier,
        autopilot: settings.raftAutopilot,
        hosts: settings.vaultHosts,
      };
  }
}
