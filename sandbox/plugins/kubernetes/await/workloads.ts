import type { JsonObject } from "../../shared/property.ts";
import { numberAt, objectAt, textAt } from "../object/fields.ts";
import { conditionFaults, countOf, isObserved, isTrue } from "./conditions.ts";
import { ready, waiting, type Readiness, type ReadinessRule } from "./readiness.ts";

const selectorOf = (object: JsonObject): JsonObject => objectAt(object, "spec", "selector");

/** A Deployment is ready when its newest revision runs in full strength and nothing of an older one is left. */
export const deploymentRule: ReadinessRule = { assess: assessDeployment, pods: selectorOf, onRead: true };

/** A StatefulSet is ready when all its pods are, at the revision its update strategy asks for. */
export const statefulSetRule: ReadinessRule = { assess: assessStatefulSet, pods: selectorOf, onRead: true };

/** A DaemonSet is ready when every node it is meant for runs its newest pod. */
export const daemonSetRule: ReadinessRule = { assess: assessDaemonSet, pods: selectorOf, onRead: true };

/** A ReplicationController is ready when it has as many pods as it wants. */
export const replicationControllerRule: ReadinessRule = { assess: assessReplicationController, pods: matchLabels };

function assessDeployment(deployment: JsonObject): Readiness {
  const wanted = wantedReplicas(deployment);
  if (!isObserved(deployment)) return waiting("Waiting for the Deployment controller");
  const updated = countOf(deployment, "updatedReplicas");
  const available = countOf(deployment, "availableReplicas");
  const old = countOf(deployment, "replicas") - updated;
  const complete = updated >= wanted && available >= updated && old <= 0;
  if (complete && (wanted === 0 || isTrue(deployment, "Available"))) return ready("Deployment initialization complete");
  return waiting(
    `Waiting for app ReplicaSet to be available (${Math.min(available, updated)}/${wanted} Pods available)`,
    [
      ...conditionFaults(deployment, "Available"),
      ...conditionFaults(deployment, "Progressing"),
      ...conditionFaults(deployment, "ReplicaFailure"),
      `${updated} of ${wanted} pods are of the newest revision, ${available} are available, ${Math.max(old, 0)} of an older one are left`,
    ],
  );
}

function assessStatefulSet(set: JsonObject): Readiness {
  const wanted = wantedReplicas(set);
  if (!isObserved(set)) return waiting("Waiting for the StatefulSet controller");
  const readyPods = countOf(set, "readyReplicas");
  const allReady = countOf(set, "replicas") === wanted && readyPods === wanted;
  const [current, target] = [textAt(set, "status", "currentRevision"), textAt(set, "status", "updateRevision")];
  // With OnDelete the pods stay at their revision until somebody deletes them, which is not the update's business.
  const manual =
    textAt(set, "spec", "updateStrategy", "type") === "OnDelete" && (numberAt(set, "metadata", "generation") ?? 1) > 1;
  const atRevision = manual || (current !== "" && current === target && countOf(set, "currentReplicas") === wanted);
  if (allReady && atRevision) return ready("StatefulSet initialization complete");
  const shown = current === target ? readyPods : Math.min(readyPods, countOf(set, "updatedReplicas"));
  return waiting(`Waiting for StatefulSet pods (${shown}/${wanted} Pods ready)`, [
    ...(allReady ? [] : [`${readyPods} out of ${wanted} replicas succeeded readiness checks`]),
    ...(atRevision ? [] : [`the StatefulSet controller has not advanced from revision ${current} to ${target}`]),
  ]);
}

function assessDaemonSet(set: JsonObject): Readiness {
  if (!isObserved(set)) return waiting("Waiting for the DaemonSet controller");
  const wanted = countOf(set, "desiredNumberScheduled");
  const updated = countOf(set, "updatedNumberScheduled");
  const available = countOf(set, "numberAvailable");
  const running = countOf(set, "numberReady");
  if (updated >= wanted && available >= wanted && running >= wanted)
    return ready(`All ${wanted} pods of the DaemonSet are available`);
  return waiting(`Waiting for DaemonSet pods (${Math.min(updated, available)}/${wanted} Pods available)`);
}

function assessReplicationController(controller: JsonObject): Readiness {
  const wanted = wantedReplicas(controller);
  const available = countOf(controller, "availableReplicas");
  if (available === wanted) return ready("All replicas are available");
  return waiting(`Waiting for replicas (${available}/${wanted} available)`);
}

function wantedReplicas(object: JsonObject): number {
  return numberAt(object, "spec", "replicas") ?? 1;
}

function matchLabels(controller: JsonObject): JsonObject {
  return { matchLabels: objectAt(controller, "spec", "selector") };
}
