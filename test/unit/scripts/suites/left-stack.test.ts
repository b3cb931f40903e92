import { describe, expect, test } from "vitest";
import { namespacesOf } from "../../../../scripts/suites/left-stack.ts";

const existing = ["default", "kube-system", "vault", "lb-state", "lb-state-webapp", "lb-stateful", "twin"];

describe("the namespaces of a stack that was left behind", () => {
  test("are its own, those its name begins, and those its settings name", () => {
    const config = {
      "vaultstack:namespace": "lb-state",
      "vaultstack:demo": { webAppNamespace: "twin" },
      "vaultstack:nodePort": 1,
    };
    expect(namespacesOf({ name: "lb-state", config }, existing)).toEqual(["lb-state", "lb-state-webapp", "twin"]);
  });

  test("are none of another stack whose name only begins alike", () => {
    expect(namespacesOf({ name: "lb-state", config: {} }, ["lb-stateful", "vault"])).toEqual([]);
  });
});
