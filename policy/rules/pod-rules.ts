import { fault } from "../../shared/errors.ts";
import { type JudgedResource, list, part, type ResourceRule } from "./rule.ts";

/** Kinds of objects that create pods, with the location of the pod's specification. */
const podPlaces: Readonly<Record<string, readonly string[]>> = {
  CronJob: ["spec", "jobTemplate", "spec", "template", "spec"],
  DaemonSet: ["spec", "template", "spec"],
  Deployment: ["spec", "template", "spec"],
  Job: ["spec", "template", "spec"],
  Pod: ["spec"],
  ReplicaSet: ["spec", "template", "spec"],
  StatefulSet: ["spec", "template", "spec"],
};

/** Every image has a fixed tag or a digest: the same program must run the same code tomorrow. */
export const pinnedImages: ResourceRule = {
  kind: "resource",
  name: "pinned-images",
  description: "Every image has a fixed tag or a digest, so that the same program runs the same code tomorrow.",
  judge: (resource) =>
    containersOf(resource).flatMap(({ at, container }) => {
      const image = part(container, "image");
      if (typeof image !== "string" || /@sha256:[0-9a-f]{64}$/.test(image)) return [];
      const tag = /:([^:/]+)$/.exec(image)?.[1] ?? "latest";
      return tag === "latest" ? [fault(`${at}.image`, "must have a fixed tag or digest", image, "name a version")] : [];
    }),
};

/** No pod can take over its node. */
export const unprivilegedPods: ResourceRule = {
  kind: "resource",
  name: "unprivileged-pods",
  description:
    "No pod is privileged, runs as root, gains rights, or shares the network, processes or files of its node.",
  judge: (resource) => {
    const spec = podOf(resource);
    if (spec === undefined) return [];
    const shared = ["hostNetwork", "hostPID", "hostIPC"]
      .filter((name) => part(spec, name) === true)
      .map((name) => fault(name, "must not be shared with the node", true, "leave it out"));
    const paths = list(spec, "volumes")
      .filter((volume) => part(volume, "hostPath") !== undefined)
      .map((volume) => fault("volumes", "must not be folders of the node", part(volume, "name"), "use a claim"));
    return [
      ...shared,
      ...paths,
      ...containersOf(resource).flatMap(({ at, container }) => rightFaults(at, container, spec)),
    ];
  },
};

function rightFaults(at: string, container: unknown, spec: unknown): string[] {
  const faults: string[] = [];
  const context = (name: string): unknown => part(container, "securityContext", name);
  if (context("privileged") === true) {
    faults.push(fault(`${at}.securityContext.privileged`, "must not be true", true, "leave it out"));
  }
  if (context("allowPrivilegeEscalation") !== false) {
    const got = context("allowPrivilegeEscalation");
    faults.push(fault(`${at}.securityContext.allowPrivilegeEscalation`, "must be false", got, "set it to false"));
  }
  const isNonRoot = context("runAsNonRoot") ?? part(spec, "securityContext", "runAsNonRoot");
  if (isNonRoot !== true) {
    faults.push(fault(`${at}.securityContext.runAsNonRoot`, "must be true, here or for the pod", isNonRoot, "set it"));
  }
  if (list(container, "securityContext", "capabilities", "add").length > 0) {
    const added = list(container, "securityContext", "capabilities", "add");
    faults.push(fault(`${at}.securityContext.capabilities.add`, "must be empty", added, "leave it out"));
  }
  return faults;
}

function podOf({ type, inputs }: JudgedResource): unknown {
  if (!type.startsWith("kubernetes:")) return undefined;
  const place = podPlaces[type.split(":").at(-1) ?? ""];
  return place === undefined ? undefined : part(inputs, ...place);
}

function containersOf(resource: JudgedResource): { readonly at: string; readonly container: unknown }[] {
  const spec = podOf(resource);
  return ["initContainers", "containers"].flatMap((kind) =>
    list(spec, kind).map((container, index) => ({ at: `${kind}[${index}]`, container })),
  );
}
