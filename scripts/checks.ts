import type { Step } from "./steps.ts";

/** Where programs are; who may import what stands in .dependency-cruiser.mjs. */
const programs =
  "index.ts shared kube protocol components demo stacks graph consumer policy scripts examples sandbox".split(" ");

/** What must hold of the sources themselves, cheapest first; the tests come on top. */
export const checks: readonly Step[] = [
  { name: "format", command: ["prettier", "--check", "--log-level", "warn", "."] },
  { name: "lint", command: ["eslint", "."] },
  { name: "types", command: ["tsc", "-p", "."] },
  { name: "unused code", command: ["knip"] },
  { name: "floors", command: ["depcruise", "--config", ".dependency-cruiser.mjs", ...programs] },
  { name: "workflows", command: ["node", "scripts/workflows.ts"] },
  { name: "generated types", command: ["node", "scripts/crd-types.ts", "--check"] },
  { name: "generated docs", command: ["node", "scripts/docs.ts", "--check"] },
];
