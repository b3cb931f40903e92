import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/unit/**/*.test.ts", "test/golden/**/*.test.ts"],
    // Mocks of the engine are global to a process; each file gets its own.
    pool: "forks",
    isolate: true,
  },
});
