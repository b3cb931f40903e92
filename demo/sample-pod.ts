import type * as k8s from "@pulumi/kubernetes";
import { restrictedContainer } from "../components/shared/restricted-container.ts";
import { fault } from "../shared/errors.ts";

// The user id that most minimal images give their unprivileged user; runAsNonRoot needs a number.
const user = 65532;

/**
 * What the pods of every sample have: an unprivileged user, and no token for Kubernetes itself, which no sample calls.
 */
export const samplePod = {
  automountServiceAccountToken: false,
  securityContext: {
    runAsNonRoot: true,
    runAsUser: user,
    runAsGroup: user,
    fsGroup: user,
    seccompProfile: { type: "RuntimeDefault" },
  },
} as const satisfies Partial<k8s.types.input.core.v1.PodSpec>;

const healthz = { httpGet: { path: "/healthz", port: "http" }, timeoutSeconds: 2, periodSeconds: 5 };

/** What their containers have. */
export const sampleContainer = {
  imagePullPolicy: "IfNotPresent",
  ports: [{ name: "http", containerPort: 8080 }],
  resources: { requests: { cpu: "10m", memory: "16Mi" }, limits: { cpu: "200m", memory: "64Mi" } },
  securityContext: restrictedContainer,
  readinessProbe: healthz,
  livenessProbe: { ...healthz, periodSeconds: 10 },
} satisfies Partial<k8s.types.input.core.v1.Container>;

/** The fault of the number of pods, if it has one. */
export function replicaFaults(replicas: number | undefined): string[] {
  if (replicas === undefined || (Number.isInteger(replicas) && replicas >= 1)) return [];
  return [fault("replicas", "must be a whole number from 1", replicas, "leave it out for one pod")];
}
