import { at, type Place, type ProtocolStop, stop } from "./runbooks.ts";

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

/** The program asks for other volumes than Vault's data lies on. */
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
