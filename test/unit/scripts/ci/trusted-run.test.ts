import { expect, test } from "vitest";
import { isTrusted, trustedRun } from "../../../../scripts/ci/trusted-run.ts";

/** Whose copies of a stack previews take, by what GitHub's API says. That GitHub says it so is not shown. */

const deployed = {
  id: 7,
  event: "push",
  path: ".github/workflows/deploy.yaml",
  head_branch: "main",
  repository: { id: 1 },
  head_repository: { id: 1 },
};

test.each([
  ["a deployment", {}],
  ["the drift job of the night", { event: "schedule", path: ".github/workflows/drift.yaml" }],
  ["the drift job by hand", { event: "workflow_dispatch", path: ".github/workflows/drift.yaml@refs/heads/main" }],
])("the copy of %s is taken", (_what, change) => {
  expect(isTrusted({ ...deployed, ...change })).toBe(true);
});

test.each([
  ["a fork whose branch is called main", { head_repository: { id: 2 } }],
  ["a fork that is gone", { head_repository: null }],
  ["another branch", { head_branch: "topic" }],
  ["a pull request", { event: "pull_request" }],
  ["a pull request that changed the deployment", { event: "pull_request", path: ".github/workflows/deploy.yaml" }],
  ["a workflow that others can begin", { event: "pull_request_target", path: ".github/workflows/pull-request.yaml" }],
  ["a workflow that writes no copies", { path: ".github/workflows/other.yaml" }],
  ["a deployment begun by hand", { event: "workflow_dispatch" }],
  ["a workflow called like a part of every object", { path: "constructor" }],
])("the copy of %s is not", (_what, change) => {
  expect(isTrusted({ ...deployed, ...change })).toBe(false);
});

function github(runs: Readonly<Record<number, object>>, expired: readonly number[] = []) {
  return (path: string): Promise<unknown> => {
    const artifact = (id: string) => ({ expired: expired.includes(Number(id)), workflow_run: { id: Number(id) } });
    if (path.startsWith("actions/artifacts?name=copy-ha&")) {
      return Promise.resolve({ artifacts: Object.keys(runs).reverse().map(artifact) });
    }
    return Promise.resolve(runs[Number(/^actions\/runs\/(\d+)$/.exec(path)?.[1])]);
  };
}

test("an artifact of a fork is passed over, however new it is", async () => {
  const runs = { 7: deployed, 8: { ...deployed, id: 8, event: "pull_request", head_repository: { id: 2 } } };
  expect(await trustedRun("ha", github(runs))).toBe(7);
});

test("there is none when all are somebody else's or have expired", async () => {
  expect(await trustedRun("ha", github({ 8: { ...deployed, head_branch: "topic" } }))).toBeNull();
  expect(await trustedRun("ha", github({ 7: deployed }, [7]))).toBeNull();
});
