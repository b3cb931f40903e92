import * as guard from "../../protocol/data-guard/data-guard-resource.ts";
import type { DataAtStake, DataGuardInputs } from "../../protocol/data-guard/data-guard-resource.ts";
import { FakeKubernetes } from "../support/fake-kubernetes.ts";
import type { RequestScenario } from "../support/request-walk.ts";

/**
 * What a program keeps is noted for the first time, and goes with consent. Nobody is asked, so only the state can get
 * lost.
 */
export function dataGuards(): Promise<RequestScenario[]> {
  const scenario = (
    name: string,
    before: readonly DataAtStake[] | null,
    { data, consent }: { readonly data: readonly DataAtStake[]; readonly consent: readonly string[] },
  ): RequestScenario => ({
    name,
    open: async () => {
      const kube = new FakeKubernetes("vault", "vault", []);
      await kube.listen();
      const asked: string[] = [];
      const stateBefore = before === null ? null : { data: before, protocolVersion: 1 };
      let kept: DataGuardInputs | null = null;
      return {
        world: { kube, vaults: [], close: () => kube.close() },
        run: async (_, state) => {
          const olds = (state ?? stateBefore) as DataGuardInputs | null;
          const news = { data, allowDataLoss: consent, protocolVersion: 1 };
          const inputs = await checked(olds, news);
          const { outs } = await (olds === null ? guard.create(inputs) : guard.update("data", olds, inputs));
          kept = outs as DataGuardInputs;
          return kept;
        },
        saw: ({ method, path }) => {
          asked.push(`${method} ${path}`);
        },
        // Nothing of a consent stays behind: the same loss a second time would be refused.
        harm: async () => {
          const unasked = await checked(stateBefore, { data, protocolVersion: 1 }).catch(() => null);
          const isWanted = JSON.stringify(kept) === JSON.stringify({ data, protocolVersion: 1 });
          return [
            ...asked,
            ...(isWanted ? [] : [`the state is ${JSON.stringify(kept)}`]),
            ...(unasked !== null && consent.length > 0 ? ["data may go without consent"] : []),
          ];
        },
        secrets: () => ["nothing of it is secret"],
      };
    },
  });
  const stays: DataAtStake = { resource: "secret", type: "kv", data: "what is in it", identity: { path: "secret" } };
  const goes: DataAtStake = { ...stays, resource: "postgres" };
  return Promise.resolve([
    scenario("what a program keeps is noted", null, { data: [stays], consent: [] }),
    scenario("data goes with consent", [stays, goes], { data: [stays], consent: ["postgres"] }),
  ]);
}

/** As the engine does before it calls anything else. */
async function checked(olds: DataGuardInputs | null, news: DataGuardInputs): Promise<DataGuardInputs> {
  const { inputs, failures = [] } = await guard.check(olds ?? {}, news);
  const [fault] = failures;
  if (fault !== undefined || inputs === undefined) throw new Error(fault?.reason ?? "no inputs");
  return inputs;
}
