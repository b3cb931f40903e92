import { at, type Place, type ProtocolStop, stop } from "./runbooks.ts";

/** Keys that neither this stack's state nor its escrow key knows. */
export function unknownKeys(place: Place): ProtocolStop {
  return stop("unknown-keys", {
    happened:
      `the Secret ${place.keysSecret} in namespace ${place.namespace} holds keys that this stack's state does not know, and nothing proves that this stack wrote them: ` +
      "whoever may create a Secret there can have put them there, for a Vault of theirs.",
    untouched: "No share was sent and nothing was changed.",
    ways: [
      "if nobody of yours wrote them, find out who could, delete the Secret and the volumes of Vault and run `up` again: what this Vault holds is somebody else's",
      "if they are this stack's own, written by a version before or with another escrow key, say so for one run: `pulumi config set vaultstack:adoptExisting true`, `up`, then remove the setting",
    ],
  });
}

/** A root token that a run held and could not end. */
export function liveRootToken(place: Place, failure: string): ProtocolStop {
  return stop("live-root-token", {
    happened: `a root token of Vault ${at(place)} may still be alive: this run could not end it after it failed (${failure}).`,
    untouched: "Nobody was told the token; it stands nowhere in plain text.",
    ways: ["run `up` again once Vault answers, which ends the token where it is kept; the runbook says when it is not"],
  });
}

/** Keys must be archived before others take their place, and every name they could have is taken by something else. */
export function archiveTaken(place: Place, name: string): ProtocolStop {
  return stop("no-rights", {
    happened: `keys of Vault ${at(place)} could not be kept: the Secrets ${name}, ${name}-2 and so on hold something else.`,
    untouched: "Nothing was overwritten, and the keys in use stay where they are.",
    ways: [`move aside what has the name ${name} in namespace ${place.namespace} and run \`up\` again`],
  });
}
