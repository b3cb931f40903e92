import { expect, test } from "vitest";
import { selectorLabels, standardLabels } from "../../../shared/labels.ts";

test("every object carries the recommended labels", () => {
  expect(standardLabels({ name: "vault", instance: "one", component: "server" })).toEqual({
    "app.kubernetes.io/name": "vault",
    "app.kubernetes.io/instance": "one",
    "app.kubernetes.io/component": "server",
    "app.kubernetes.io/part-of": "vaultstack",
    "app.kubernetes.io/managed-by": "pulumi",
  });
});

test("a selector's labels are among the object's", () => {
  const args = { name: "vault", instance: "one", component: "server" };
  expect(standardLabels(args)).toMatchObject(selectorLabels(args));
});
