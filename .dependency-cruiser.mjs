/**
 * What may import what. Floors, the lowest first: whatever stands on one may import those below it and none above. A
 * folder that this file does not know is a fault.
 */
const floors = [
  ["shared"],
  ["kube"],
  ["protocol"],
  ["components"],
  ["demo"],
  ["stacks"],
  ["graph", "consumer", "policy"],
  ["scripts"],
];

/** @param {readonly string[]} folders */
const inside = (folders) => `^(${folders.join("|")})/`;

/** @type {import("dependency-cruiser").IConfiguration} */
export default {
  forbidden: [
    ...floors.map((folders, floor) => ({
      name: `${folders.join(", ")} imports what stands above it`,
      severity: "error",
      from: { path: inside(folders) },
      to: {
        path: `${inside([...floors.slice(floor + 1).flat(), "examples", "test"])}|^index\\.ts$`,
      },
    })),
    {
      name: "the sandbox imports the product",
      severity: "error",
      comment: "It is a package of its own: what it must know of stacks, scripts tell it.",
      from: { path: "^sandbox/" },
      to: { pathNot: "^(sandbox|node_modules)/", dependencyTypesNot: ["core"] },
    },
    {
      name: "the sandbox imports what its package.json does not name",
      severity: "error",
      from: { path: "^sandbox/", pathNot: "^sandbox/test/" },
      to: { dependencyTypes: ["npm-no-pkg", "npm-unknown", "npm-dev"], dependencyTypesNot: ["type-only"] },
    },
    {
      name: "the product imports the sandbox",
      severity: "error",
      comment: "Only scripts do, by its one entry.",
      from: { pathNot: "^(sandbox|scripts|node_modules)/" },
      to: { path: "^sandbox/" },
    },
    {
      name: "scripts import what is the sandbox's own",
      severity: "error",
      from: { path: "^scripts/" },
      to: { path: "^sandbox/", pathNot: "^sandbox/index\\.ts$" },
    },
    {
      name: "the platform imports more of the demonstration than its one function and its setting",
      severity: "error",
      from: { path: "^stacks/", pathNot: "^stacks/settings/demo\\.ts$" },
      to: { path: "^demo/", pathNot: "^demo/demo\\.ts$" },
    },
    {
      name: "modules that import each other",
      comment: "Types may: they are gone when the program runs.",
      severity: "error",
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
    {
      name: "a folder that is on no floor",
      severity: "error",
      from: { pathNot: `${inside([...floors.flat(), "sandbox", "examples", "node_modules"])}|^index\\.ts$` },
      to: {},
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    doNotFollow: { path: "node_modules" },
  },
};
