import { at, emptying, type Place, type ProtocolStop, stop } from "./runbooks.ts";

/** Servers are to leave, and one of those that stay does not serve. */
export function fewerServers(place: Place, leaving: readonly string[], reasons: readonly string[]): ProtocolStop {
  return stop("fewer-servers", {
    happened:
      `servers ${leaving.join(", ")} of Vault ${at(place)} are to leave their cluster, but not all that stay are well:\n` +
      reasons.map((reason) => `  - ${reason}`).join("\n"),
    untouched: "No server was removed: the cluster keeps the losses it can bear.",
    ways: ["set raftNodes back to what it was and run `up`, which heals the servers; then lower it again"],
  });
}

/** More than half of the servers have lost what they knew. */
export function lostQuorum(place: Place, empty: readonly string[], holding: readonly string[]): ProtocolStop {
  return stop("lost-quorum", {
    happened:
      `servers ${empty.join(", ")} of Vault ${at(place)} are empty, and ${holding.join(", ")} cannot lead without them: ` +
      "more than half of the cluster lost its data.",
    untouched: "No server was initialised or wiped.",
    ways: [
      `restore the lost volumes from their backups, let the pods start on them and run \`up\` again`,
      `make ${holding[0] ?? "the server that is left"} the whole cluster by its file peers.json; the empty ones then join it`,
    ],
  });
}

/** The program asks for other volumes than those that hold Vault's data. */
export function volumeChange(
  place: Pick<Place, "namespace" | "statefulSet">,
  differences: readonly string[],
): ProtocolStop {
  return stop("volume-change", {
    happened: `the volumes of Vault ${at(place)} are not the ones asked for (${differences.join("; ")}). Kubernetes changes no volume by its StatefulSet: a new one would stop all servers and leave the volumes as they are.`,
    untouched: "Nothing was changed; Vault keeps running as it is.",
    ways: [
      "set the size or class back to what it was",
      "enlarge the volumes, as the runbook says, and run `up` again; a volume cannot be made smaller or moved to another class",
    ],
  });
}

/** Vault is initialised and nothing says it was us. */
export function foreignVault(place: Place, pods: readonly string[]): ProtocolStop {
  return stop("foreign-vault", {
    happened: `Vault ${at(place)} (${pods.join(", ")}) is already initialised, and no Secret ${place.keysSecret} holds its keys: it was not initialised by this stack.`,
    untouched: "Nothing was changed; Vault keeps running as it is.",
    ways: [
      `if the Secret ${place.keysSecret} was lost, restore it from its backup into namespace ${place.namespace} and run \`up\` again`,
      "if this Vault is another team's, leave it alone: choose another namespace with `pulumi config set vaultstack:namespace <name>`, " +
        "after `pulumi state delete` of the namespace if this stack's state already holds it, or the next run would delete it",
      `if somebody initialised new pods of this stack and they hold nothing you need, empty ${pods.length === 1 ? "it" : "them"}: ${emptying(place, pods)}; then run \`up\` again`,
    ],
  });
}

/**
 * Nodes of one StatefulSet belong to different clusters.
 *
 * @param clusters pods by cluster.
 * @param own the cluster that the keys, or the state, belong to; null when nothing tells.
 */
export function twoClusters(
  place: Place,
  clusters: Readonly<Record<string, readonly string[]>>,
  own: { readonly clusterId: string; readonly by: string } | null = null,
): ProtocolStop {
  const found = Object.entries(clusters);
  const list = found.map(([id, pods]) => `  - cluster ${id}: ${pods.join(", ")}`);
  const kept = own === null ? found.map(([id]) => id) : [own.clusterId];
  return stop("two-clusters", {
    happened:
      `the pods of Vault ${at(place)} belong to different clusters:\n${list.join("\n")}` +
      (own === null ? "" : `\n  - cluster ${own.clusterId}: ${own.by}`),
    untouched: "Nothing was changed.",
    ways: [
      "if both hold data, take a snapshot of each first",
      ...kept.map((id) => {
        const others = found.filter(([other]) => other !== id).flatMap(([, pods]) => pods);
        const joined = clusters[id] === undefined ? "once its volumes are back, empty" : "empty";
        return `to keep cluster ${id}: ${joined} ${others.join(", ")}, which then join it: ${emptying(place, others)}; then run \`up\` again`;
      }),
    ],
  });
}
