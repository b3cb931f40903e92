import type { JsonObject } from "../../shared/property.ts";
import { at, listAt, nameOf, namespaceOf, objectAt, textAt } from "../object/fields.ts";
import { ready, waiting, type Readiness, type ReadinessRule } from "./readiness.ts";

/**
 * A Service is ready when it has endpoints and all of them are ready, and when a load balancer has its address. Services
 * that choose no pods, and headless and external ones, have nothing to wait for.
 */
export const serviceRule: ReadinessRule = {
  assess: assessService,
  related: (objects, service, signal) =>
    objects.list(
      { apiVersion: "discovery.k8s.io/v1", kind: "EndpointSlice", namespace: namespaceOf(service) },
      { labelSelector: `kubernetes.io/service-name=${nameOf(service)}` },
      signal,
    ),
  pods: (service) => ({ matchLabels: objectAt(service, "spec", "selector") }),
  onRead: true,
};

/** An Ingress is ready when its controller has published an address. */
export const ingressRule: ReadinessRule = {
  assess: (ingress) =>
    hasAddress(ingress)
      ? ready("Ingress initialization complete")
      : waiting("Waiting for an address of the Ingress", ["no ingress controller has published an address"]),
  onRead: true,
};

function assessService(service: JsonObject, slices: readonly JsonObject[]): Readiness {
  const needsAddress = textAt(service, "spec", "type") === "LoadBalancer" && !hasAddress(service);
  const address = ["Service was not allocated an IP address; does your cloud provider support this?"];
  if (!choosesPods(service))
    return needsAddress ? waiting("Waiting for an IP address", address) : ready("Service initialization complete");
  const endpoints = slices.flatMap((slice) => listAt(slice, "endpoints"));
  // Absent means unknown, and unknown counts as ready.
  const pending = endpoints.filter((endpoint) => at(endpoint, "conditions", "ready") === false);
  if (pending.length > 0)
    return waiting("Finding Pods to direct traffic to", [
      `${pending.length} of ${endpoints.length} endpoints are not ready`,
      noPods,
    ]);
  if (needsAddress) return waiting("Attempting to allocate IP address to Service", address);
  if (endpoints.length > 0) return ready("Service initialization complete");
  // A Service may be made before its pods; that it has none is not an error, but pods of the same run get a chance.
  return { ...waiting("Finding Pods to direct traffic to", [noPods]), settlesAfterSeconds: 10 };
}

const noPods =
  "Service does not target any Pods. Selected Pods may not be ready, or field '.spec.selector' may not match labels on any Pods";

function choosesPods(service: JsonObject): boolean {
  return (
    textAt(service, "spec", "type") !== "ExternalName" &&
    textAt(service, "spec", "clusterIP") !== "None" &&
    Object.keys(objectAt(service, "spec", "selector")).length > 0
  );
}

function hasAddress(object: JsonObject): boolean {
  return listAt(object, "status", "loadBalancer", "ingress").length > 0;
}
