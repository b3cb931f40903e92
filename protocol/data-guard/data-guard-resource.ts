/**
 * `stack:DataGuard` for Pulumi: check → compares the data that the program keeps with what it kept before; diff → pure; create
 * and update → take note of it; read → no change; delete → nothing. Nothing is contacted.
 */
import type { dynamic } from "@pulumi/pulumi";
import { defineResource } from "../frame/resource-frame.ts";
import type { DataAtStake, DataGuardInputs } from "../types.ts";
import { containsUnknown } from "../frame/unknown.ts";

/**
 * A fault for all data that this run would lose without consent, and for a consent to what it would not lose. The consent is
 * taken out: it is for this run, and so no difference to the next.
 */
export function check(
  olds: Partial<DataGuardInputs>,
  news: DataGuardInputs,
): Promise<dynamic.CheckResult<DataGuardInputs>> {
  const { allowDataLoss = [], ...inputs } = news;
  // Of a program that ended early nobody knows what it would have kept; what it keeps is plain, so the rest is known.
  if (inputs.data === undefined || containsUnknown(news)) {
    return Promise.resolve({ inputs: { ...inputs, ...knownBefore(olds) }, failures: [] });
  }
  if (!inputs.data.every(isNamed)) {
    const reason = "data: must name a resource and its identity in each entry, got one without; report this";
    return Promise.resolve({ inputs, failures: [{ property: "data", reason }] });
  }
  const reasons = dataLossFaults(olds.data ?? [], inputs.data, allowDataLoss);
  // Without a property, or the engine would print the whole list.
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

/** Takes note of what is kept. One that goes does nothing: whoever destroys the whole stack has asked for it. */
export const { diff, create, update, read, delete_ } = defineResource<null, DataGuardInputs>({
  inside: (_inputs, work) => work(null),
  idOf: () => "data",
  faults: () => undefined,
  compared: ["data", "protocolVersion"],
  reconcile: () => Promise.resolve({}),
});
