import { expect, test } from "vitest";
import kubernetes from "@pulumi/kubernetes/package.json" with { type: "json" };
import { toolNamed } from "../../toolchain/tools.ts";

// That the engine takes the plugin for one of this version is shown by every live run.
test("the Kubernetes plugin built here says the version that the program asks for", () => {
  const { stamps } = toolNamed("kubernetes-plugin");
  expect(stamps).toEqual({ "github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/version.Version": kubernetes.version });
});
