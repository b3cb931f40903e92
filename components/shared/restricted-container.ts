import type * as k8s from "@pulumi/kubernetes";

/** What every container of this project may do beside running: nothing. Whom it runs as is said by its pod. */
export const restrictedContainer: k8s.types.input.core.v1.SecurityContext = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ["ALL"] },
};
