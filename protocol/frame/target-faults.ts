import { type Faults, field, shown } from "./faults.ts";
import { isUnknown } from "./unknown.ts";

/** Checks a {@link VaultTarget} that may be, or hold, anything. */
export function targetFaults(faults: Faults, target: unknown): void {
  if (isUnknown(target)) return;
  if (typeof target !== "object" || target === null) {
    faults.expect("target", target, false, "be an object");
    return;
  }
  faults.text("target.kubeContext", field(target, "kubeContext"), "name a context of the kubeconfig");
  faults.label("target.namespace", field(target, "namespace"));
  faults.label("target.statefulSet", field(target, "statefulSet"));
  faults.integer("target.port", field(target, "port"), 1, 65_535);
  podFaults(faults, field(target, "pods"));
  tlsFaults(faults, field(target, "tls"));
}

function podFaults(faults: Faults, pods: unknown): void {
  if (isUnknown(pods)) return;
  if (!Array.isArray(pods) || pods.length === 0) {
    faults.expect("target.pods", pods, false, "list the pods of the StatefulSet, ordinal 0 first", shown(pods));
    return;
  }
  for (const [index, pod] of pods.entries()) faults.label(`target.pods[${index}]`, pod);
  const known = pods.filter((pod) => !isUnknown(pod));
  faults.expect("target.pods", pods, new Set(known).size === known.length, "name each pod once");
}

function tlsFaults(faults: Faults, tls: unknown): void {
  if (tls === null || isUnknown(tls)) return;
  if (typeof tls !== "object") {
    faults.expect("target.tls", tls, false, "be null or an object with serverName and authoritySecret", shown(tls));
    return;
  }
  faults.text("target.tls.serverName", field(tls, "serverName"), "be a name the certificate carries");
  faults.text("target.tls.authoritySecret", field(tls, "authoritySecret"), "name the Secret with the authorities");
}
