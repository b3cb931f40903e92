import type { JsonObject } from "../../shared/property.ts";
import { nameOf, objectAt, textAt } from "../object/fields.ts";
import { conditionFaults, conditionOf, countOf, isTrue } from "./conditions.ts";
import { podFaults } from "./pod-faults.ts";
import { ready, waiting, type Readiness, type ReadinessRule } from "./readiness.ts";

/** A Pod is ready when its readiness probes say so, or when it has finished well. */
export const podRule: ReadinessRule = { assess: assessPod, onRead: true };

/** A Job is ready when it has succeeded; failing for good ends the waiting at once. */
export const jobRule: ReadinessRule = {
  assess: assessJob,
  pods: (job) => objectAt(job, "spec", "selector"),
  onRead: true,
};

function assessPod(pod: JsonObject): Readiness {
  if (isTrue(pod, "Ready") || textAt(pod, "status", "phase") === "Succeeded")
    return ready("Pod initialization complete");
  const stage = ["PodScheduled", "Initialized", "Ready"].find((type) => !isTrue(pod, type)) ?? "Ready";
  const faults = podFaults(pod);
  return waiting(`Waiting for Pod "${nameOf(pod)}" to be ${stages[stage] ?? "ready"}`, [
    ...conditionFaults(pod, "Ready"),
    ...faults,
  ]);
}

const stages: Readonly<Record<string, string>> = { PodScheduled: "scheduled", Initialized: "initialized" };

function assessJob(job: JsonObject): Readiness {
  if (isTrue(job, "Complete")) return ready("Job succeeded");
  const [active, succeeded, failed] = ["active", "succeeded", "failed"].map((field) => countOf(job, field));
  const progress = `Waiting for Job "${nameOf(job)}" to succeed (Active: ${active ?? 0} | Succeeded: ${succeeded ?? 0} | Failed: ${failed ?? 0})`;
  if (!isTrue(job, "Failed")) return waiting(progress);
  const condition = conditionOf(job, "Failed");
  return { ...waiting(progress, [`[${textAt(condition, "reason")}] ${textAt(condition, "message")}`]), hopeless: true };
}
