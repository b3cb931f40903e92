import type { Json, JsonObject } from "../../shared/property.ts";
import { listAt, nameOf, numberAt, objectAt, textAt } from "../object/fields.ts";
import { conditionOf, isTrue } from "./conditions.ts";

/**
 * What keeps a pod from being ready, as a person needs to know it: unschedulable, an image that cannot be pulled, a
 * container that ends at once. Empty while it is on its way, ready, finished or being deleted.
 */
export function podFaults(pod: JsonObject): string[] {
  if (isTrue(pod, "Ready") || textAt(pod, "status", "phase") === "Succeeded") return [];
  if (textAt(pod, "metadata", "deletionTimestamp") !== "") return [];
  const faults = [
    ...schedulingFaults(pod),
    ...phaseFaults(pod),
    ...[...listAt(pod, "status", "initContainerStatuses"), ...listAt(pod, "status", "containerStatuses")].flatMap(
      containerFaults,
    ),
  ];
  return faults.map((fault) => `[Pod ${nameOf(pod)}] ${fault}`);
}

function schedulingFaults(pod: JsonObject): string[] {
  const scheduled = conditionOf(pod, "PodScheduled");
  if (textAt(scheduled, "status") !== "False") return [];
  return [`[${textAt(scheduled, "reason")}] ${textAt(scheduled, "message")}`];
}

function phaseFaults(pod: JsonObject): string[] {
  if (textAt(pod, "status", "phase") !== "Failed" || textAt(pod, "status", "reason") === "") return [];
  return [`[${textAt(pod, "status", "reason")}] ${textAt(pod, "status", "message")}`];
}

function containerFaults(status: Json): string[] {
  const name = textAt(status, "name");
  return [...waitingFaults(name, objectAt(status, "state", "waiting")), ...endFaults(name, status)];
}

function waitingFaults(name: string, state: JsonObject): string[] {
  const reason = textAt(state, "reason");
  if (reason === "" || ordinaryWaits.has(reason)) return [];
  const message = textAt(state, "message");
  return [`[${reason}] container ${name}${message === "" ? "" : `: ${message}`}`];
}

/** What a container passes through on its way up. */
const ordinaryWaits: ReadonlySet<string> = new Set(["ContainerCreating", "PodInitializing"]);

function endFaults(name: string, status: Json): string[] {
  const now = objectAt(status, "state", "terminated");
  const ended = Object.keys(now).length > 0 ? now : objectAt(status, "lastState", "terminated");
  const exitCode = numberAt(ended, "exitCode");
  if (exitCode === undefined || exitCode === 0) return [];
  const message = textAt(ended, "message").trim();
  return [
    `[${textAt(ended, "reason")}] container ${name} ended with exit code ${exitCode}${message === "" ? "" : `: ${message}`}`,
  ];
}
