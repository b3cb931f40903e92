/** A program that breaks rules of the policy pack; its provider leads nowhere, for nothing of it is to be made. */
import * as k8s from "@pulumi/kubernetes";

const kubeconfig = JSON.stringify({ clusters: [], contexts: [], users: [] });
const provider = new k8s.Provider("cluster", { kubeconfig, renderYamlToDirectory: undefined });
new k8s.core.v1.Pod(
  "unruly",
  {
    metadata: { name: "unruly" },
    spec: { containers: [{ name: "unruly", image: "busybox", securityContext: { privileged: true } }] },
  },
  { provider },
);

/** Looks like a token of Vault. */
export const found = `hvs.${"x".repeat(30)}`;
