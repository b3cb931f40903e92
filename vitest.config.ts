import { defineConfig } from "vitest/config";

// One cluster, one thing at a time: a test that fails must not be the doing of its neighbour.
const onTheSandbox = { fileParallelism: false, testTimeout: 300_000, hookTimeout: 300_000 };

export default defineConfig({
  test: {
    // Mocks of the engine are global to a process; each file gets its own.
    pool: "forks",
    projects: [
      { extends: true, test: { name: "unit", include: ["test/unit/**/*.test.ts", "test/golden/**/*.test.ts"] } },
      // Its cases mostly wait for one another: many at a time keep the walk short.
      { extends: true, test: { name: "faults", include: ["test/faults/**/*.test.ts"], maxConcurrency: 40 } },
      { extends: true, test: { name: "live", include: ["test/live/short/**/*.test.ts"], ...onTheSandbox } },
      { extends: true, test: { name: "live-long", include: ["test/live/long/**/*.test.ts"], ...onTheSandbox } },
    ],
  },
});
