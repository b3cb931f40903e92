/** A stop: something only a person may decide. Its text is the whole message. */
export class ProtocolStop extends Error {
  override readonly name = "stopped";
  /** Which runbook it points to. */
  readonly runbook: Runbook;
  /** The part of it that says what was found. */
  readonly happened: string;

  constructor(runbook: Runbook, happened: string, text: string) {
    super(text);
    this.runbook = runbook;
    this.happened = happened;
    // The host of dynamic providers prints the stack behind the message; a person needs the message only.
    this.stack = "";
  }
}

/** Pages of docs/runbooks that messages point to. */
export const runbookNames = [
  "lost-init",
  "foreign-vault",
  "lost-volume",
  "lost-keys",
  "damaged-keys",
  "lost-approle",
  "other-key-set",
  "unknown-keys",
  "live-root-token",
  "rekeyed-elsewhere",
  "wrong-shares",
  "missing-shares",
  "two-clusters",
  "broken-init",
  "removed-node",
  "foreign-operation",
  "unsaved-keys",
  "busy",
  "not-ready",
  "tls-passthrough",
  "stale-certificate",
  "no-rights",
  "fewer-servers",
  "lost-quorum",
  "seal-change",
  "seal-closed",
  "volume-change",
] as const;

/** One of them. */
export type Runbook = (typeof runbookNames)[number];

interface StopText {
  /** What was found. */
  readonly happened: string;
  /** What was left alone. */
  readonly untouched: string;
  /** The ways out, the safest first. */
  readonly ways: readonly [string, ...string[]];
}

/** Makes a stop in the one form all of them have. */
export function stop(runbook: Runbook, text: StopText): ProtocolStop {
  const ways = text.ways.map((way, index) => `  ${index + 1}. ${way}`).join("\n");
  const label = text.ways.length === 1 ? "way out" : "ways out";
  return new ProtocolStop(
    runbook,
    text.happened,
    `${text.happened}\n${text.untouched}\n${label}:\n${ways}\nsee docs/runbooks/${runbook}.md`,
  );
}

/** Names of places in messages. */
export interface Place {
  readonly namespace: string;
  readonly statefulSet: string;
  readonly keysSecret: string;
}

/** Vault was initialised and the answer with its keys reached nobody. */
export function lostInit(
  place: Place,
  pods: readonly string[],
  intent: { readonly runId: string; readonly writtenAt: string },
  isOpen = false,
): ProtocolStop {
  const found = `Vault ${at(place)} (${pods.join(", ")}) was initialised by run ${intent.runId}, begun ${intent.writtenAt}, but its keys never arrived`;
  return stop("lost-init", {
    happened: isOpen
      ? `${found}. Its seal has opened it: whether somebody uses it cannot be told.`
      : `${found}: nobody can unseal it. It was never unsealed, so it holds no data unless somebody initialised it by hand.`,
    untouched: isOpen ? "Nothing was changed; a Vault that is open is never wiped by consent." : "Nothing was changed.",
    ways: [
      `if another machine may still be running this stack, wait for it and run \`up\` again: it may yet store the keys in the Secret ${place.keysSecret}`,
      isOpen
        ? `if you know that nobody uses it, empty it by hand: ${emptying(place, pods)}; then run \`up\` again`
        : "give consent to wipe and initialise again: `pulumi config set vaultstack:allowReinitialize true`, `up`, then remove the setting",
    ],
  });
}

/** The keys are there and every volume is empty. */
export function lostVolume(place: Place, initializedAt: string): ProtocolStop {
  return stop("lost-volume", {
    happened:
      `Vault ${at(place)} is empty: no pod is initialised, but the Secret ${place.keysSecret} holds the keys of a Vault initialised ${initializedAt}. ` +
      "The volume with its data is gone.",
    untouched: "Nothing was changed: neither Vault was initialised nor the keys touched.",
    ways: [
      "restore the volume from its backup, let the pods start on it and run `up` again: the keys still fit",
      "start empty and lose what Vault held: `pulumi config set vaultstack:allowReinitialize true`, `up`, remove the setting, `up --refresh --run-program`; the old keys are archived beside the new ones",
    ],
  });
}

/** The state knows keys, the cluster knows none. */
export function lostKeys(place: Place, initialized: boolean): ProtocolStop {
  return stop("lost-keys", {
    happened:
      `this stack initialised Vault ${at(place)}, but the Secret ${place.keysSecret} is gone` +
      (initialized ? " while Vault still holds its data." : " and Vault is empty."),
    untouched: "Nothing was changed.",
    ways: [
      `check that \`pulumi config get vaultstack:kubeContext\` names the cluster you mean, or restore the Secret ${place.keysSecret} from its backup, and run \`up\` again`,
      initialized
        ? "while Vault is unsealed, copy its data to another Vault: after the next restart nobody can open it, and new keys can only be made with the old ones"
        : "start empty: `pulumi config set vaultstack:allowReinitialize true`, `up`, remove the setting, `up --refresh --run-program`",
    ],
  });
}

/** The keys Secret cannot be believed. */
export function damagedKeys(place: Place, faults: readonly string[]): ProtocolStop {
  return stop("damaged-keys", {
    happened: `the Secret ${place.keysSecret} in namespace ${place.namespace} does not hold what this stack wrote:\n${faults.map((fault) => `  - ${fault}`).join("\n")}`,
    untouched: "Nothing was changed; the Secret was not overwritten.",
    ways: [
      "restore the Secret from its backup and run `up` again",
      `if its Vault holds nothing you need, delete the Secret and the volumes of ${place.statefulSet} and run \`up\` again`,
    ],
  });
}

/** Interrupted in the middle of initialising. */
export function brokenInit(place: Place, pod: string, reason: string): ProtocolStop {
  return stop("broken-init", {
    happened: `pod ${place.namespace}/${pod} was interrupted while it initialised its storage and can neither be used nor initialised (${reason}).`,
    untouched: "Nothing was changed.",
    ways: [
      `delete the data claim of ${pod} and the pod, and run \`up\` again: a storage that never finished initialising holds no data`,
    ],
  });
}

/** Taken out of the cluster by an operator. */
export function removedNode(place: Place, pod: string): ProtocolStop {
  return stop("removed-node", {
    happened: `pod ${place.namespace}/${pod} was removed from its Raft cluster and may not come back with its old data.`,
    untouched: "Nothing was changed.",
    ways: [
      `delete the data claim of ${pod} and the pod: it joins again empty and receives the data from the others; then run \`up\` again`,
    ],
  });
}

/** The shares do not open this Vault. */
export function wrongShares(place: Place, pod: string): ProtocolStop {
  return stop("wrong-shares", {
    happened: `the shares in the Secret ${place.keysSecret} do not unseal pod ${place.namespace}/${pod}: its keys were changed outside this stack, or the Secret belongs to another Vault.`,
    untouched: "The half-done attempt was reset; nothing else was changed, and no share was tried twice.",
    ways: [
      `restore the Secret that was made with these keys and run \`up\` again; former keys, and those of a rekey whose end nobody saw, are in the Secrets ${place.keysSecret}-<12 digits>`,
      "unseal by hand with the shares of the person who rekeyed: `vault operator unseal`",
    ],
  });
}

/** The keys Secret and the state name different sets of keys. */
export function otherKeys(place: Place): ProtocolStop {
  return stop("wrong-shares", {
    happened: `the Secret ${place.keysSecret} in namespace ${place.namespace} holds other keys than the ones this stack initialised Vault with.`,
    untouched: "No share was submitted and the Secret was not touched.",
    ways: [
      "restore the Secret from its backup and run `up` again",
      "if the keys were changed on purpose, run `pulumi refresh` to take note of it, then `up`; where this stack did not write them, " +
        "say for one run that they are its own: `pulumi config set vaultstack:adoptExisting true`, `up`, then remove the setting",
    ],
  });
}

/** Keys that this stack's state does not know are not the ones its settings describe. */
export function otherKeySet(place: Place, difference: string): ProtocolStop {
  return stop("other-key-set", {
    happened: `Vault ${at(place)} was initialised with ${difference}, and this stack's state knows nothing of it: it may be another stack's.`,
    untouched: "Nothing was changed; the keys in use stay the ones they are.",
    ways: [
      "if the state was lost, set secretShares, secretThreshold, custody and the escrow key to what they were and run `up`; change them afterwards",
      "if this Vault is another stack's, leave it alone and choose another namespace",
    ],
  });
}

/** Another run holds the lease. */
export function busy(place: Place, holder: string): ProtocolStop {
  return stop("busy", {
    happened: `another run (${holder}) is working on Vault ${at(place)}.`,
    untouched: "Nothing was changed.",
    ways: ["wait for it to end and run `up` again; a run that died frees its Lease by itself within seconds"],
  });
}

/** The pods did not come up in time. */
export function notReady(place: Place, reasons: readonly string[], seconds: number): ProtocolStop {
  return stop("not-ready", {
    happened: `Vault ${at(place)} did not become reachable within ${seconds} s:\n${reasons.map((reason) => `  - ${reason}`).join("\n")}`,
    untouched: "Nothing irreversible was done.",
    ways: [
      `look at \`kubectl --namespace ${place.namespace} describe pod\` and the pods' logs, remove the cause and run \`up\` again`,
    ],
  });
}

/** A right is missing, noticed before anything irreversible. */
export function noRights(place: Place, reasons: readonly string[]): ProtocolStop {
  return stop("no-rights", {
    happened: `keys could not be stored ${at(place)}, so Vault was not initialised:\n${reasons.map((reason) => `  - ${reason}`).join("\n")}`,
    untouched: "Vault was not initialised.",
    ways: [
      `grant get, create and update on the Secret ${place.keysSecret} (or lift what denies it) and run \`up\` again`,
    ],
  });
}

/** The keys exist only in Pulumi's state. */
export function unsavedKeys(place: Place, reason: string): ProtocolStop {
  return stop("unsaved-keys", {
    happened: `Vault ${at(place)} was initialised, but its keys could not be written to the Secret ${place.keysSecret} (${reason}).`,
    untouched: "The keys, encrypted, are kept in the state of this stack; Vault was not unsealed.",
    ways: ["remove what denies the write and run `up` again: it writes them and goes on"],
  });
}

/** Pulumi's own login is gone and cannot be rebuilt without shares. */
export function lostAppRole(place: Place, reason: string): ProtocolStop {
  return stop("lost-approle", {
    happened: `this stack's login to Vault ${at(place)} is gone, and a new one could not be made (${reason}).`,
    untouched: "No token or login was left behind.",
    ways: [
      "run `up` again once Vault answers: the login is rebuilt from the shares in custody",
      "with the shares of their holders make a root token (`vault operator generate-root`) and recreate the AppRole by hand",
    ],
  });
}

/** The program asks for another seal than the one that keeps the root key. */
export function sealChange(place: Place, from: string, to: string): ProtocolStop {
  return stop("seal-change", {
    happened: `the root key of Vault ${at(place)} is kept by the seal ${from}, while ${to} is asked for. Started with another seal, no node would open.`,
    untouched: "Nothing was changed; Vault keeps running as it is.",
    ways: [
      `set it back: \`pulumi config set --path vaultstack:seal.kind ${from}\`, with its other parts`,
      `move the root key: set vaultstack:previousSeal to what seal was, with all its parts, and run \`up\``,
    ],
  });
}

/** Nodes that should open by themselves do not. */
export function sealClosed(place: Place, seal: string, { happened }: ProtocolStop): ProtocolStop {
  return stop("seal-closed", {
    happened: `Vault ${at(place)} is not opened by its seal ${seal}. ${happened}`,
    untouched: "Nothing was changed, and no recovery share was sent anywhere: they open nothing.",
    ways: [
      `make the service behind the seal reachable and its credentials valid, see \`kubectl --namespace ${place.namespace} logs ${place.statefulSet}-0 --previous\`; the pods then open by themselves within minutes, and \`up\` goes on`,
    ],
  });
}

/** Which Vault, in the words of a message. */
export function at(place: Pick<Place, "namespace" | "statefulSet">): string {
  return `${place.namespace}/${place.statefulSet}`;
}

/** The command that empties these pods: their data claims go with them, and they come back on new ones. */
export function emptying({ namespace }: Pick<Place, "namespace">, pods: readonly string[]): string {
  const names = pods.flatMap((pod) => [`pvc/data-${pod}`, `pod/${pod}`]);
  return `\`kubectl --namespace ${namespace} delete --wait=false ${names.join(" ")}\``;
}
