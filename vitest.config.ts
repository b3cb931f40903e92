import { defineConfig } from "vitest/config";

// One cluster, one thing at a time: a test that fails must not be the doing of its neighbour. Tests that say so
// themselves may run in pairs. The limits end what hangs, on a machine however busy; what has to be quick is asserted
// where it is measured.
const onTheSandbox = { fileParallelism: false, maxConcurrency: 2, testTimeout: 900_000, hookTimeout: 900_000 };

export default defineConfig({
  test: {
    // Signals and the exit of a process are tested, which threads do not have.
    pool: "forks",
    maxWorkers: "100%",
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: ["{test/unit,test/golden,sandbox/test}/**/*.test.ts"],
          // Loading the SDKs anew for every file takes twice as long as the tests; a file leaves nothing behind, and
          // each recording of a graph starts with mocks of its own.
          isolate: false,
          // A unit test takes milliseconds; on a machine that compiles meanwhile the few with real cryptography took
          // six seconds.
          testTimeout: 30_000,
        },
      },
      // Its cases mostly wait for one another: many at a time keep the walk short. More would make cases on slow
      // machines miss the deadlines of the protocol, which a case has to meet.
      {
        extends: true,
        test: { name: "faults", include: ["test/faults/**/*.test.ts"], maxConcurrency: 16, testTimeout: 60_000 },
      },
      { extends: true, test: { name: "live", include: ["test/live/short/**/*.test.ts"], ...onTheSandbox } },
      {
        extends: true,
        test: { name: "live-long", include: ["test/live/{long,cluster-wide}/**/*.test.ts"], ...onTheSandbox },
      },
    ],
  },
});
