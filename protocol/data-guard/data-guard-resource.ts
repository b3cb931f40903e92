/**
 * `stack:DataGuard` for Pulumi: check → compares the data that the program keeps with what it kept before; diff → pure;
 * create and update → take note of it; read → no change; delete → nothing. Nothing is contacted.
 */
import type { dynamic } from "@pulumi/pulumi";
import { defineResource } from "../frame/resource-frame.ts";
import { containsUnknown } from "../frame/unknown.ts";
import type { SerializedProvider } from "../frame/protocol-module.ts";

/** Data that a resource keeps and nobody else has. */
export interface DataAtStake {
  /** Name of the resource in the program. */
  readonly resource: string;
  readonly type: string;
  /** What would be lost with it, for people. */
  readonly data: string;
  /** With another identity it would be another resource, without the data. */
  readonly identity: Readonly<Record<string, string>>;
}

/** Inputs of `stack:DataGuard`. */
export interface DataGuardInputs extends SerializedProvider {
  /** Absent when the program ended before it was known. */
  readonly data?: readonly DataAtStake[];
  /** Names of resources whose data this run may lose; not stored. */
  readonly allowDataLoss?: readonly string[];
  readonly protocolVersion: number;
}

/** Outputs of `stack:DataGuard`. */
export type DataGuardOutputs = DataGuardInputs;

/**
 * A fault for all data that this run would lose without consent, and for consent to a loss that would not happen. The
 * consent is left out of the inputs: it is for this run only, and so makes no difference to the next.
 */
export function check(
  olds: Partial<DataGuardInputs>,
  news: DataGuardInputs,
): Promise<dynamic.CheckResult<DataGuardInputs>> {
  const { allowDataLoss = [], ...inputs } = news;
  // When a program ended early, nobody knows what it would have kept. What it keeps is plain data, so otherwise all of
  // it is known.
  if (inputs.data === undefined || containsUnknown(news)) {
    return Promise.resolve({ inputs: { ...inputs, ...knownBefore(olds) }, failures: [] });
  }
  if (!inputs.data.every(isNamed)) {
    const reason = "data: must name a resource and its identity in each entry, got one without; report this";
    return Promise.resolve({ inputs, failures: [{ property: "data", reason }] });
  }
  const reasons = dataLossFaults(olds.data ?? [], inputs.data, allowDataLoss);
  // Without a property: otherwise the engine would print the whole list.
  return Promise.resolve({ inputs, failures: reasons.map((reason) => ({ property: "", reason })) });
}

function isNamed(kept: Partial<DataAtStake> | undefined): boolean {
  return kept?.resource !== undefined && kept.identity !== undefined;
}

function knownBefore({ data }: Partial<DataGuardInputs>): Pick<DataGuardInputs, "data"> {
  return data === undefined ? {} : { data };
}

/**
 * Compares what is kept.
 * @param consent Names of the resources whose data may be lost.
 */
export function dataLossFaults(
  before: readonly DataAtStake[],
  after: readonly DataAtStake[],
  consent: readonly string[],
): string[] {
  const lost = before.flatMap((kept) => {
    const found = after.find(({ type, resource }) => type === kept.type && resource === kept.resource);
    if (found === undefined) return [{ ...kept, fate: "is not in the program any more" }];
    return isSame(kept.identity, found.identity)
      ? []
      : [{ ...kept, fate: `would be replaced by another, with ${found.data}` }];
  });
  const unneeded = consent.filter((name) => lost.every(({ resource }) => resource !== name));
  return [
    ...lost
      .filter(({ resource }) => !consent.includes(resource))
      .map(
        ({ resource, data, fate }) =>
          `${resource}: must stay, because ${data} would be lost with it, got a resource that ${fate}; ` +
          `put it back, or give consent for one run: ` +
          `pulumi config set --path 'vaultstack:allowDataLoss[${consent.length}]' ${resource}`,
      ),
    ...unneeded.map(
      (name) =>
        `vaultstack:allowDataLoss: must name what this run would lose, got "${name}"; ` +
        "remove the setting, a consent is for one run",
    ),
  ];
}

function isSame(left: DataAtStake["identity"], right: DataAtStake["identity"]): boolean {
  const names = [...new Set([...Object.keys(left), ...Object.keys(right)])];
  return names.every((name) => left[name] === right[name]);
}

/** Takes note of what is kept. Deleting it does nothing: whoever destroys the whole stack has asked for it. */
export const { diff, create, update, read, delete_ } = defineResource<null, DataGuardInputs>({
  inside: (_inputs, work) => work(null),
  idOf: () => "data",
  faults: () => undefined,
  compared: ["data", "protocolVersion"],
  reconcile: () => Promise.resolve({}),
});
