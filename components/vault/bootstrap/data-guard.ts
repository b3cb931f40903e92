import * as pulumi from "@pulumi/pulumi";
import { dataAtStake } from "./data-at-stake.ts";
import { ProtocolResource } from "../../shared/protocol-resource.ts";
import type { DataAtStake } from "../../../protocol/data-guard/data-guard-resource.ts";

/** What a data guard compares. */
interface DataGuardArgs {
  /** All data that the program keeps; undefined if the program ended before that was known. */
  readonly data: pulumi.Input<DataAtStake[] | undefined>;
  /** Names of resources whose data this run may lose. */
  readonly allowDataLoss: readonly string[];
}

/**
 * Refuses a run, already in its preview, that would lose data nobody has agreed to lose: the state remembers what a
 * program kept, and the next one has to keep it too. Destroying the whole stack runs no program, so nobody is asked.
 *
 * check → compare with the last run; create and update → record; diff → pure; read → no change; delete → nothing.
 */
class DataGuard extends ProtocolResource {
  public constructor(name: string, args: DataGuardArgs, opts?: pulumi.CustomResourceOptions) {
    super(
      name,
      {
        type: "stack:DataGuard",
        inputs: { ...args },
      },
      opts,
    );
  }
}

const namespaceType = "kubernetes:core/v1:Namespace";

/**
 * Runs a program whose data is guarded, no matter which component declares the resource that keeps it. Nothing that
 * keeps data, or is deleted along with data like a namespace, is touched before the guard has agreed.
 * @param allowDataLoss Names of resources whose data this run may lose.
 */
export async function guardingData<Result>(
  allowDataLoss: readonly string[],
  program: () => Promise<Result>,
): Promise<Result> {
  const kept: DataAtStake[] = [];
  const { promise: data, resolve } = Promise.withResolvers<DataAtStake[] | undefined>();
  const guard = new DataGuard("data-guard", { data, allowDataLoss });
  pulumi.runtime.registerStackTransformation(({ type, name, props, opts }) => {
    const found = dataAtStake(type, name, props);
    if (found !== null) kept.push(found);
    if (found === null && type !== namespaceType) return undefined;
    return { props, opts: pulumi.mergeOptions(opts, { dependsOn: [guard] }) };
  });
  let whole = false;
  try {
    const result = await program();
    whole = true;
    return result;
  } finally {
    resolve(
      whole ? kept.toSorted((a, b) => (`${a.type} ${a.resource}` < `${b.type} ${b.resource}` ? -1 : 1)) : undefined,
    );
  }
}
