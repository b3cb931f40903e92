import { describe, expect, it } from "vitest";
import { parseJsonPath } from "../../../../../../sandbox/plugins/kubernetes/await/json-path.ts";
import { waitForRule } from "../../../../../../sandbox/plugins/kubernetes/await/wait-for.ts";
import type { Json, JsonObject } from "../../../../../../sandbox/plugins/shared/property.ts";

const live: JsonObject = {
  status: {
    phase: "Active",
    count: 3,
    flag: false,
    conditions: [
      { type: "Synced", status: "False", message: "no route" },
      { type: "Ready", status: "True" },
    ],
  },
  metadata: { labels: { "app.kubernetes.io/name": "x" } },
};

function readiness(annotation: string, object: JsonObject = live): { ready: boolean; faults: readonly string[] } {
  const rule = waitForRule({ metadata: { annotations: { "pulumi.com/waitFor": annotation } } });
  if (rule === undefined) throw new Error("no rule");
  return rule.assess(object, []);
}

describe("waitForRule", () => {
  it("is none without the annotation", () => {
    expect(waitForRule({})).toBeUndefined();
  });

  it.each([
    ["condition=Ready", true],
    ["condition=Ready=True", true],
    ["condition=Ready=False", false],
    ["condition=Synced=False", true],
    ["condition=Absent", false],
    ["jsonpath={.status.phase}=Active", true],
    ["jsonpath={.status.phase}=Gone", false],
    ["jsonpath={.status.phase}", true],
    ["jsonpath={.status.nothing}", false],
    ["jsonpath={ .status.count }=3", true],
    ["jsonpath={.status.flag}=false", true],
    ["jsonpath={.status.conditions}=x", false],
    ['jsonpath={.status.conditions[?(@.type=="Ready")].status}=True', true],
    ['["condition=Ready","jsonpath={.status.phase}=Active"]', true],
    ['["condition=Ready","condition=Synced"]', false],
  ])("%s holds: %s", (annotation, holds) => {
    expect(readiness(annotation).ready).toBe(holds);
  });

  it("says what a condition is instead", () => {
    expect(readiness("condition=Synced").faults).toEqual(["condition Synced is False, not True: no route"]);
  });

  it("tells nothing of what a Secret holds", () => {
    const secret = { kind: "Secret", data: { p: "aHVudGVyMg==" } };
    expect(readiness("jsonpath={.data.p}=x", secret).faults.join()).not.toContain("aHVudGVyMg==");
  });

  it.each([
    "Ready",
    "jsonpath=.status.phase",
    "[]",
    "[1]",
    "jsonpath={.a[?(@.b>1)]}",
    "jsonpath={..name}",
    "jsonpath={.a[0:2]}",
  ])("rejects %s", (annotation) => {
    expect(() => readiness(annotation)).toThrow(/^metadata\.annotations\["pulumi\.com\/waitFor"\]: must/);
  });
});

describe("parseJsonPath", () => {
  it.each<[string, Json[]]>([
    [".status.conditions[1].type", ["Ready"]],
    ["$.status.conditions[-1].type", ["Ready"]],
    [".status.conditions[*].type", ["Synced", "Ready"]],
    [".status['phase']", ["Active"]],
    [".metadata.labels['app.kubernetes.io/name']", ["x"]],
    [".status.conditions[?(@.status != 'True')].type", ["Synced"]],
    [".status.phase.deeper", []],
    ["", [live]],
  ])("%s selects %j", (path, expected) => {
    expect(parseJsonPath(path)(live)).toEqual(expected);
  });
});
