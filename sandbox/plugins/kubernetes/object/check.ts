import { known, Unknown, hasUnknown, type DraftObject } from "../../shared/property.ts";
import type { CheckContext, CheckResult } from "../../shared/provider.ts";
import type { Fault } from "../../shared/schema.ts";
import { waitForRule } from "../await/wait-for.ts";
import { isBuiltInNamespaced } from "../api/cluster-scoped.ts";
import type { Session } from "../session.ts";
import { assertCoveredAnnotations } from "./annotations.ts";
import { isServerNamed, named } from "./autoname.ts";
import { objectAt } from "./fields.ts";
import { draftAt, inputFaults, normalised } from "./inputs.ts";
import { groupOf, kindFaults, type GroupVersionKind } from "./type-token.ts";

/** The inputs with name and namespace, and what is wrong with them. */
export async function checkObject(
  kind: GroupVersionKind,
  session: Session,
  news: DraftObject,
  { olds, name, randomSeed }: CheckContext,
): Promise<CheckResult> {
  const inputs = normalised({ apiVersion: kind.apiVersion, kind: kind.kind, ...news });
  const faults: Fault[] = [
    ...kindFaults(kind, inputs["apiVersion"], inputs["kind"]),
    ...serverNameFaults(inputs),
    ...inputFaults(inputs, (object) => {
      assertCoveredAnnotations(Object.keys(objectAt(object, "metadata", "annotations")));
      waitForRule(object);
    }),
  ];
  if (faults.length > 0) return { inputs, faults };
  await planDefinition(session, inputs);
  return { inputs: await placed(kind, session, named(inputs, olds, name, randomSeed)), faults };
}

function serverNameFaults(inputs: DraftObject): Fault[] {
  if (!isServerNamed(inputs)) return [];
  const reason =
    "must not be given with server-side apply, got a prefix; leave it out to have a name generated, or set metadata.name";
  return [{ path: "metadata.generateName", reason }];
}

/** Objects of a kind whose definition comes in the same run are checked before the cluster knows it. */
async function planDefinition(session: Session, inputs: DraftObject): Promise<void> {
  if (inputs["kind"] !== "CustomResourceDefinition" || hasUnknown(inputs)) return;
  (await session.reachableCluster())?.discovery.plan(known(inputs));
}

/** Namespaced objects always name their namespace, so that it is part of what is compared. */
async function placed(
  { apiVersion, kind }: GroupVersionKind,
  session: Session,
  inputs: DraftObject,
): Promise<DraftObject> {
  const metadata = inputs["metadata"];
  if (metadata instanceof Unknown) return inputs;
  const { namespace, ...rest } = draftAt(inputs, "metadata");
  const namespaced = await isNamespaced(session, apiVersion, kind);
  if (!namespaced) return { ...inputs, metadata: rest };
  return {
    ...inputs,
    metadata: { ...rest, namespace: namespace === undefined || namespace === "" ? session.namespace : namespace },
  };
}

async function isNamespaced(session: Session, apiVersion: string, kind: string): Promise<boolean> {
  const builtIn = isBuiltInNamespaced(groupOf(apiVersion), kind);
  if (builtIn !== undefined) return builtIn;
  const cluster = await session.reachableCluster();
  return cluster === undefined ? true : cluster.discovery.isNamespaced(apiVersion, kind);
}
