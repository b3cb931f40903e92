import { readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { removeEarlierBuilds, toolDirectory } from "../../toolchain/tool-cache.ts";
import type { Tool } from "../../toolchain/tools.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const go = "go1.26.0-linux-amd64";

test("a built tool is found again as long as nothing it was built from changes", () => {
  const tool = sampleTool();
  expect(toolDirectory(tool, go)).toBe(toolDirectory(tool, go));
  writeFileSync(path.join(tool.directory, "main_test.go"), "package main // tests are not built in");
  writeFileSync(path.join(tool.directory, "README.md"), "neither is this");
  expect(toolDirectory(sampleTool(), go)).toBe(toolDirectory(tool, go));
});

test.each([
  ["its source", (tool: Tool) => change(tool, "main.go"), go],
  ["a pin of a dependency", (tool: Tool) => change(tool, "go.mod"), go],
  ["what is kept beside it", (tool: Tool) => ({ ...tool, keep: "chart" }), go],
  ["the module of what is kept", (tool: Tool) => ({ ...tool, keepFrom: "example.com/chart" }), go],
  ["a stamped version", (tool: Tool) => ({ ...tool, stamps: { "main.version": "2" } }), go],
  ["Go itself", (tool: Tool) => tool, "go1.27.0-linux-amd64"],
])("a change of %s makes another tool", (_, alter, otherGo) => {
  const before = toolDirectory(sampleTool(), go);
  expect(toolDirectory(alter(sampleTool()), otherGo)).not.toBe(before);
});

test("earlier builds of a tool go once the present one is there; others and those under way stay", () => {
  const [now, earlier] = ["0123456789abcdef", "fedcba9876543210"];
  const cache = temporaryFolder({
    [`vault-${now}/vault`]: "",
    [`vault-${earlier}/vault`]: "",
    [`vault-${earlier}.unfinished/vault`]: "",
    [`vault-agent-${earlier}/vault-agent`]: "",
    [`etcd-${earlier}/etcd`]: "",
  });
  removeEarlierBuilds([path.join(cache, `vault-${now}`), path.join(cache, `etcd-${now}`)]);
  expect(readdirSync(cache).sort()).toEqual([
    `etcd-${earlier}`,
    `vault-${now}`,
    `vault-agent-${earlier}`,
    `vault-${earlier}.unfinished`,
  ]);
});

function sampleTool(): Tool {
  const directory = temporaryFolder({ "main.go": "package main", "go.mod": "module sample" });
  return { name: "pause", directory, package: ".", stamps: { "main.version": "1" } };
}

function change(tool: Tool, file: string): Tool {
  writeFileSync(path.join(tool.directory, file), "changed");
  return tool;
}
