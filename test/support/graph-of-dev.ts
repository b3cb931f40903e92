import { stackGraph, type Scenario as StackScenario, type StackGraph } from "../../graph/stack-graph.ts";
import { exampleSeeds } from "./example-settings.ts";

/** What a stack of the project is to be recorded under; dev unless it names another. */
export type Scenario = Partial<StackScenario>;

export type Graph = StackGraph;

const recorded = new Map<string, Promise<Graph>>();

/** Records a stack, with seeds unless the scenario has its own. The same question is answered once. */
export async function graphOfDev(
  scenario: Scenario = {},
  environment: Readonly<Record<string, string>> = {},
): Promise<Graph> {
  const complete = { stack: "dev", ...scenario, settings: { kvSeeds: exampleSeeds, ...scenario.settings } };
  const key = JSON.stringify([{ preview: false, serving: true, ...complete }, environment]);
  const graph = recorded.get(key) ?? stackGraph(complete, { environment });
  recorded.set(key, graph);
  return await graph;
}
