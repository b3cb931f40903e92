import * as pulumi from "@pulumi/pulumi";
import { describe, expect, test } from "vitest";
import { fault, hidden, rejectFaults } from "../../../shared/errors.ts";
import { record } from "../../../graph/recorder.ts";

describe("a fault", () => {
  test("names the path, the rule, the value and the way out", () => {
    expect(fault("replicas", "must be odd", 2, "use 3")).toBe("replicas: must be odd, got 2; use 3");
  });

  test.each([
    ["text", '"text"'],
    [undefined, "nothing"],
    [Number.NaN, "NaN"],
    [null, "null"],
    [["a"], '["a"]'],
    [hidden, "a value that is not shown"],
  ])("describes %s as %s", (value, text) => {
    expect(fault("a", "b", value, "c")).toBe(`a: b, got ${text}; c`);
  });
});

describe("rejecting faults", () => {
  test("throws all of them at once, on the component and without a stack", async () => {
    let thrown: unknown;
    await record(() => {
      const component = new pulumi.ComponentResource("test:index:Thing", "thing");
      try {
        rejectFaults(component, ["one", "two"]);
      } catch (error) {
        thrown = error;
      }
    });
    expect(pulumi.ResourceError.isInstance(thrown)).toBe(true);
    expect(thrown).toMatchObject({ message: "one\ntwo", hideStack: true });
  });

  test("lets arguments without faults pass", async () => {
    await record(() => {
      rejectFaults(new pulumi.ComponentResource("test:index:Thing", "thing"), []);
    });
  });
});
