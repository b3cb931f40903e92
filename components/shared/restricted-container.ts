import type * as k8s from "@pulumi/kubernetes";

/** What every container of this project may do besides running: nothing. The pod says which user it runs as. */
export const restrictedContainer: k8s.types.input.core.v1.SecurityContext = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ["ALL"] },
};
