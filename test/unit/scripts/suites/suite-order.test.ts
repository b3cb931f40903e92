import { describe, expect, test } from "vitest";
import { matchingSuites, orderSuites, type Suite } from "../../../../scripts/suites/suite-order.ts";

const long = (name: string): Suite => ({ file: `test/live/long/${name}.test.ts`, project: "live-long" });
const clusterWide = (name: string): Suite => ({ file: `test/live/cluster-wide/${name}.test.ts`, project: "live-long" });
const short = (name: string): Suite => ({ file: `test/live/short/${name}.test.ts`, project: "live" });

describe("live suites", () => {
  test("run the short ones first, then what waits for one another, and last what takes the cluster away", () => {
    const shuffled = [
      long("agents"),
      clusterWide("sandbox-lifecycle"),
      short("readme"),
      clusterWide("secrets-operator"),
      short("dev-stack"),
    ];
    const ordered = orderSuites(shuffled).map(({ file }) => file.replace(/^.*\/|\.test\.ts$/g, ""));
    expect(ordered).toEqual(["dev-stack", "readme", "secrets-operator", "agents", "sandbox-lifecycle"]);
  });

  test("are found by parts of their names", () => {
    const all = [short("dev-stack"), long("ha-stack"), long("rekey")];
    expect(matchingSuites(all, ["-stack"])).toEqual([short("dev-stack"), long("ha-stack")]);
  });

  test("of a name that none has are refused, with the names there are", () => {
    expect(matchingSuites([long("rekey")], ["rekey", "reky"])).toEqual({
      fault: "the suites: must each be part of a file's name, got reky; there is rekey",
    });
  });
});
