export { contractVersion, outputsV2, type OutputKind, type VaultOutputs } from "./contract.ts";
export { type OperatorObject, operatorLogin, type OperatorPlace, staticSecret } from "./operator-objects.ts";
export { parseOutputs, readOutputs } from "./outputs.ts";
export {
  clientVariables,
  databaseLoginPath,
  type DatabaseRoleName,
  secretPath,
  workloadLogin,
  type WorkloadLogin,
} from "./workload.ts";
