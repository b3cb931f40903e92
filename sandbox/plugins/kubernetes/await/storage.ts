import type { JsonObject } from "../../shared/property.ts";
import { textAt } from "../object/fields.ts";
import { ready, waiting, type Readiness, type ReadinessRule } from "./readiness.ts";

/** A PersistentVolume is ready when it can be claimed or is. */
export const volumeRule: ReadinessRule = {
  assess: (volume) =>
    ["Available", "Bound"].includes(textAt(volume, "status", "phase"))
      ? ready("PV is available")
      : waiting(`Waiting for the volume (phase ${textAt(volume, "status", "phase")})`),
};

/** A PersistentVolumeClaim is ready when it is bound, or at once when binding waits for the first pod that uses it. */
export const volumeClaimRule: ReadinessRule = {
  assess: assessClaim,
  related: async (objects, claim, signal) => {
    const name = textAt(claim, "spec", "storageClassName");
    if (name === "") return [];
    const found = await objects.find(
      { apiVersion: "storage.k8s.io/v1", kind: "StorageClass", namespace: "", name },
      signal,
    );
    return found === undefined ? [] : [found];
  },
};

function assessClaim(claim: JsonObject, [storageClass]: readonly JsonObject[]): Readiness {
  const phase = textAt(claim, "status", "phase");
  if (phase === "Bound") return ready("PVC has been bound");
  if (phase === "Pending" && textAt(storageClass, "volumeBindingMode") === "WaitForFirstConsumer") {
    return ready("PVC will be bound when a pod uses it");
  }
  return waiting(`Waiting for the claim to be bound (phase ${phase})`);
}
