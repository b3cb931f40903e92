import { describe, expect, test } from "vitest";
import { renderSuiteTable, sum } from "../../../../scripts/suites/suite-table.ts";

describe("the table of live suites", () => {
  test("has a line for each suite and one for all, with what did not run apart from what passed", () => {
    const results = [
      { suite: "short/dev-stack", passed: 8, failed: 0, skipped: 0, seconds: 143.4 },
      { suite: "long/rekey", passed: 2, failed: 1, skipped: 4, seconds: 60.3 },
    ];
    expect(renderSuiteTable(results)).toBe(
      [
        "| suite           | passed | failed | skipped | seconds |",
        "| --------------- | -----: | -----: | ------: | ------: |",
        "| short/dev-stack |      8 |      0 |       0 |     143 |",
        "| long/rekey      |      2 |      1 |       4 |      60 |",
        "| all 2           |     10 |      1 |       4 |     204 |",
      ].join("\n"),
    );
  });

  test("counts nothing when nothing ran", () => {
    expect(sum([])).toEqual({ passed: 0, failed: 0, skipped: 0 });
  });
});
