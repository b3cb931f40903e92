/**
 * What may import what. Floors, the lowest first: whatever stands on one may import those below it and none above. A folder that
 * this file does not know is a fault.
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

/**
 * The sandbox is a product of its own, which scripts start and nothing else knows.
 * @param {readonly string[]} folders
 */
const beside = (folders) => (folders.includes("scripts") ? [] : ["sandbox"]);

/** @type {import("dependency-cruiser").IConfiguration} */
export default {
  forbidden: [
    ...floors.map((folders, floor) => ({
      name: `${folders.join(", ")} imports what stands above it`,
      severity: "error",
      from: { path: inside(folders) },
      to: {
        path: `${inside([...floors.slice(floor + 1).flat(), ...beside(folders), "examples", "test"])}|^index\\.ts$`,
      },
    })),
    {
      name: "the sandbox imports the product",
      severity: "error",
      from: { path: "^sandbox/" },
      // What kubectl and git are kept from, and the key pair of a stack that is made for somebody to try.
      to: {
        pathNot: "^(sandbox|node_modules)/|^shared/unsafe-environment\\.ts$|^scripts/escrow-key\\.ts$",
        dependencyTypesNot: ["core"],
      },
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
