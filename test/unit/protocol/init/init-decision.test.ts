import fc from "fast-check";
import { expect, test } from "vitest";
import { decideInit, type InitEvidence } from "../../../../protocol/init/init-decision.ts";
import { keysFingerprintOf } from "../../../../protocol/keys/key-set.ts";
import { type IntentRecord, type KeysRecord, type ParsedRecord } from "../../../../protocol/keys/keys-record.ts";
import type { NodeState, SurveyedNode } from "../../../../protocol/vault-client/survey.ts";

const holder = "a".repeat(40);

const keys: KeysRecord = (() => {
  const shares = [{ recipient: holder, message: "c2hhcmU=" }];
  return {
    state: "initialized",
    version: 1,
    runId: "first",
    writtenAt: "2026-01-01T00:00:00.000Z",
    nodes: [{ pod: "vault-0", uid: "pod", claims: { "data-vault-0": "claim" } }],
    secretShares: 1,
    secretThreshold: 1,
    replaces: null,
    initializedAt: "2026-01-01T00:00:00.000Z",
    initializedPod: "vault-0",
    clusterId: null,
    shares,
    rootToken: null,
    keysFingerprint: keysFingerprintOf({ shares, secretShares: 1, secretThreshold: 1 }),
  };
})();

const intent: IntentRecord = {
  state: "intent",
  version: 1,
  runId: "first",
  writtenAt: "2026-01-01T00:00:00.000Z",
  nodes: keys.nodes,
  secretShares: 1,
  secretThreshold: 1,
  replaces: null,
  reserve: "",
};

const states = {
  absent: { kind: "absent" },
  starting: { kind: "starting", reason: "ContainerCreating" },
  unreachable: { kind: "unreachable", reason: "refused", denied: false },
  uninitialized: { kind: "uninitialized" },
  sealed: { kind: "sealed", shares: 1, threshold: 1, progress: 0, storage: "file" },
  unsealed: { kind: "unsealed", clusterId: "cluster", role: "active", shares: 1, threshold: 1 },
  removed: { kind: "removed" },
  broken: { kind: "broken", reason: "no seal configuration" },
} satisfies Record<string, NodeState>;

const absent: ParsedRecord = { kind: "absent" };
const storedKeys: ParsedRecord = { kind: "keys", record: keys };
const storedIntent: ParsedRecord = { kind: "intent", record: intent };
const damaged: ParsedRecord = { kind: "damaged", faults: ["record.json: must be JSON"] };

function node(state: NodeState, pod = "vault-0", claim = "claim"): SurveyedNode {
  return { pod, uid: "pod", claims: { [`data-${pod}`]: claim }, revision: "rev", unready: null, state };
}

function evidence(change: Partial<InitEvidence>): InitEvidence {
  return {
    place: { namespace: "vault", statefulSet: "vault", keysSecret: "vault-keys" },
    survey: [node(states.uninitialized)],
    stored: absent,
    known: null,
    provesRecords: true,
    wanted: { secretShares: 1, secretThreshold: 1, recipients: [holder], generation: 1 },
    seal: "shamir",
    previousSeal: null,
    unsaved: null,
    allowReinitialize: false,
    adoptExisting: false,
    authorship: "own",
    archived: null,
    ...change,
  };
}

/** The decision in one word; of a stop, its runbook. */
function verdict(change: Partial<InitEvidence>): string {
  const decision = decideInit(evidence(change));
  return decision.kind === "stop" ? decision.fault.runbook : decision.kind;
}

test.each([
  ["initialises an empty Vault that nobody knows", { stored: absent }, "initialize"],
  ["goes on after a run that died before it initialised", { stored: storedIntent }, "initialize"],
  [
    "initialises empty volumes that took the place of wiped ones",
    { stored: storedIntent, survey: [node(states.uninitialized, "vault-0", "new")] },
    "initialize",
  ],
  ["adopts a sealed Vault whose keys are there", { stored: storedKeys, survey: [node(states.sealed)] }, "adopt"],
  ["adopts an unsealed Vault whose keys are there", { stored: storedKeys, survey: [node(states.unsealed)] }, "adopt"],
  ["waits for a pod that does not exist yet", { survey: [node(states.absent)] }, "wait"],
  ["waits for a pod that starts", { survey: [node(states.starting)] }, "wait"],
  [
    "waits for a pod that does not answer, keys or not",
    { stored: storedKeys, survey: [node(states.unreachable)] },
    "wait",
  ],
  ["refuses a Vault it did not initialise", { survey: [node(states.sealed)] }, "foreign-vault"],
  [
    "never wipes a Vault it did not initialise",
    { survey: [node(states.sealed)], allowReinitialize: true },
    "foreign-vault",
  ],
  ["stops when the volume under its keys is empty", { stored: storedKeys }, "lost-volume"],
  ["archives the keys first when it may start over", { stored: storedKeys, allowReinitialize: true }, "start-over"],
  [
    "initialises when it may start over and the keys are archived",
    { stored: storedKeys, allowReinitialize: true, archived: keys.keysFingerprint },
    "initialize",
  ],
  [
    "stops when an initialisation was lost on its way",
    { stored: storedIntent, survey: [node(states.sealed)] },
    "lost-init",
  ],
  [
    "wipes a lost initialisation only by consent",
    { stored: storedIntent, survey: [node(states.sealed)], allowReinitialize: true },
    "start-over",
  ],
  [
    "never wipes a Vault somebody unsealed",
    { stored: storedIntent, survey: [node(states.unsealed)], allowReinitialize: true },
    "foreign-vault",
  ],
  [
    "never wipes volumes its intent does not name",
    { stored: storedIntent, survey: [node(states.sealed, "vault-0", "other")], allowReinitialize: true },
    "foreign-vault",
  ],
  [
    "stops when the keys Secret is gone and Vault is not",
    { known: keys.keysFingerprint, survey: [node(states.unsealed)] },
    "lost-keys",
  ],
  ["stops when the keys Secret and the data are gone", { known: keys.keysFingerprint }, "lost-keys"],
  [
    "stops when another seal is asked for than the one that keeps the root key",
    { stored: storedKeys, known: keys.keysFingerprint, survey: [node(states.unsealed)], seal: "transit" },
    "seal-change",
  ],
  [
    "adopts keys whose root key may be moved to another seal",
    {
      stored: storedKeys,
      known: keys.keysFingerprint,
      survey: [node(states.sealed)],
      seal: "transit",
      previousSeal: "shamir",
    },
    "adopt",
  ],
  [
    "stops when shares are asked for and another seal keeps the root key",
    { stored: { kind: "keys", record: { ...keys, seal: "transit" } }, survey: [node(states.unsealed)] },
    "seal-change",
  ],
  [
    "stops at a lost initialisation of a Vault that opens by itself",
    { stored: storedIntent, survey: [node({ ...states.unsealed, seal: "transit" })], seal: "transit" },
    "lost-init",
  ],
  [
    "never wipes a Vault that its seal opened, whatever it may do",
    {
      stored: storedIntent,
      survey: [node({ ...states.unsealed, seal: "transit" })],
      seal: "transit",
      allowReinitialize: true,
    },
    "lost-init",
  ],
  [
    "archives what stands in the Secret now, not what stood there before",
    { stored: storedKeys, allowReinitialize: true, archived: "sha256:other" },
    "start-over",
  ],
  [
    "stops at keys that nobody knows and nothing proves",
    { stored: storedKeys, survey: [node(states.sealed)], authorship: "unknown" },
    "unknown-keys",
  ],
  [
    "adopts keys that nothing proves by consent",
    { stored: storedKeys, survey: [node(states.sealed)], authorship: "unknown", adoptExisting: true },
    "adopt",
  ],
  [
    "adopts keys the state knows, whoever wrote them down",
    { stored: storedKeys, known: keys.keysFingerprint, survey: [node(states.sealed)], authorship: "unknown" },
    "adopt",
  ],
  [
    "stops at other keys that only say they came after those of the state",
    {
      stored: { kind: "keys", record: { ...keys, origin: "sha256:old" } },
      known: "sha256:old",
      survey: [node(states.sealed)],
      authorship: "unknown",
    },
    "wrong-shares",
  ],
  [
    "stops at other keys that only say they replaced those of the state",
    {
      stored: { kind: "keys", record: { ...keys, replaces: "sha256:old" } },
      known: "sha256:old",
      survey: [node(states.sealed)],
      authorship: "unknown",
    },
    "wrong-shares",
  ],
  [
    "adopts keys of a rekey that a version before, which proved nothing, made",
    {
      stored: { kind: "keys", record: { ...keys, origin: "sha256:old" } },
      known: "sha256:old",
      provesRecords: false,
      survey: [node(states.sealed)],
      authorship: "unknown",
    },
    "adopt",
  ],
  ["stops at a damaged Secret whatever it may do", { stored: damaged, allowReinitialize: true }, "damaged-keys"],
  [
    "stops when the Secret holds other keys than the state knows",
    { stored: storedKeys, known: "sha256:other", survey: [node(states.sealed)] },
    "wrong-shares",
  ],
  [
    "accepts keys that took the place of the known ones",
    {
      stored: { kind: "keys", record: { ...keys, replaces: "sha256:old" } },
      known: "sha256:old",
      survey: [node(states.sealed)],
    },
    "adopt",
  ],
  [
    "stops when the keys are for another cluster",
    { stored: { kind: "keys", record: { ...keys, clusterId: "other" } }, survey: [node(states.unsealed)] },
    "two-clusters",
  ],
  [
    "stops when another number of shares is asked for",
    {
      stored: storedKeys,
      survey: [node(states.sealed)],
      wanted: { secretShares: 3, secretThreshold: 2, recipients: [] },
    },
    "other-key-set",
  ],
  [
    "stops when another holder is asked for",
    {
      stored: storedKeys,
      survey: [node(states.sealed)],
      wanted: { secretShares: 1, secretThreshold: 1, recipients: ["b".repeat(40)] },
    },
    "other-key-set",
  ],
  ["stops at a node that was removed", { survey: [node(states.removed)] }, "removed-node"],
  ["stops at a storage that is half initialised", { survey: [node(states.broken)] }, "broken-init"],
  [
    "wipes its own half initialised storage by consent",
    { stored: storedIntent, survey: [node(states.broken)], allowReinitialize: true },
    "start-over",
  ],
  [
    "writes keys an earlier run could not",
    { stored: storedIntent, unsaved: keys, survey: [node(states.sealed)] },
    "store-unsaved",
  ],
  [
    "does not write unsaved keys over others",
    {
      stored: { kind: "intent", record: { ...intent, runId: "second" } },
      unsaved: keys,
      survey: [node(states.sealed)],
    },
    "lost-init",
  ],
] as [string, Partial<InitEvidence>, string][])("%s", (_name, change, expected) => {
  expect(verdict(change)).toBe(expected);
});

test("never initialises pod 0 because its volume alone is empty", () => {
  const survey = [node(states.uninitialized), node(states.sealed, "vault-1"), node(states.unsealed, "vault-2")];
  expect(verdict({ survey, stored: storedKeys })).toBe("adopt");
});

test("stops at two clusters among the pods", () => {
  const survey = [node(states.unsealed), node({ ...states.unsealed, clusterId: "second" }, "vault-1")];
  expect(verdict({ survey, stored: storedKeys })).toBe("two-clusters");
});

const anyNode = fc
  .record({ state: fc.constantFrom<NodeState>(...Object.values(states)), claim: fc.constantFrom("claim", "other") })
  .map(({ state, claim }) => ({ state, claim }));

const anyEvidence = fc
  .record({
    nodes: fc.array(anyNode, { minLength: 1, maxLength: 5 }),
    stored: fc.constantFrom<ParsedRecord>(absent, storedKeys, storedIntent, damaged),
    known: fc.constantFrom(null, keys.keysFingerprint, "sha256:other"),
    allowReinitialize: fc.boolean(),
    adoptExisting: fc.boolean(),
    authorship: fc.constantFrom("own" as const, "unknown" as const),
    archived: fc.constantFrom(null, keys.keysFingerprint, "sha256:other"),
  })
  .map(({ nodes, ...rest }) =>
    evidence({ ...rest, survey: nodes.map(({ state, claim }, index) => node(state, `vault-${index}`, claim)) }),
  );

test("initialises only when every pod answered and none is initialised", () => {
  fc.assert(
    fc.property(anyEvidence, (given) => {
      const decision = decideInit(given);
      return decision.kind !== "initialize" || given.survey.every(({ state }) => state.kind === "uninitialized");
    }),
  );
});

test("takes the place of stored keys only by consent and after archiving them", () => {
  fc.assert(
    fc.property(anyEvidence, (given) => {
      const decision = decideInit(given);
      return (
        decision.kind !== "initialize" ||
        given.stored.kind !== "keys" ||
        (given.allowReinitialize && given.archived === given.stored.record.keysFingerprint)
      );
    }),
  );
});

test("wipes only by consent, and only sealed or broken nodes on volumes of its own intent", () => {
  fc.assert(
    fc.property(anyEvidence, (given) => {
      const decision = decideInit(given);
      if (decision.kind !== "start-over" || decision.wipe.length === 0) return true;
      const ours = decision.wipe.every(
        ({ state, claims }) =>
          (state.kind === "sealed" || state.kind === "broken") && claims["data-vault-0"] === "claim",
      );
      return given.allowReinitialize && given.stored.kind === "intent" && ours;
    }),
  );
});
