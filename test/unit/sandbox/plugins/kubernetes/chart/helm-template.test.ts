import { expect, it } from "vitest";
import { type ChartRequest, helmArguments } from "../../../../../../sandbox/plugins/kubernetes/chart/helm-template.ts";

// That helm takes these arguments is shown by the live tests.
const request: ChartRequest = {
  chart: "operator",
  version: "1.2.3",
  repository: "https://charts.test",
  release: "release",
  namespace: "shop",
  values: { password: "a-secret-value" },
  skipCrds: false,
  capabilities: { version: "v1.34.4", apiVersions: ["v1", "apps/v1/Deployment"] },
};

it("helm is told what the official plugin would tell it, and of the values only where to read them", () => {
  expect(helmArguments(request).join(" ")).toBe(
    "template release operator --version 1.2.3 --repo https://charts.test --namespace shop --no-hooks --include-crds " +
      "--kube-version v1.34.4 --api-versions v1 --api-versions apps/v1/Deployment --values -",
  );
});

it("helm is told nothing that is not given, and nothing of a cluster that cannot be asked", () => {
  const bare = { ...request, version: undefined, repository: undefined, skipCrds: true, capabilities: undefined };
  expect(helmArguments(bare).join(" ")).toBe("template release operator --namespace shop --no-hooks --values -");
});
