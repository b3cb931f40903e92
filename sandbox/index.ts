/** All that others may use of the sandbox; the rest is its own. */
export { runSandbox } from "./cli.ts";
export type { Extra } from "./extras.ts";
export type { FirstSetting, Project, StackConfig, VaultAddress } from "./project.ts";
export { operatorChart } from "./toolchain/operator-chart.ts";
export { goIdentity } from "./toolchain/tool-cache.ts";
