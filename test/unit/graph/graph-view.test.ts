import { describe, expect, test } from "vitest";
import { flattened, graphView } from "../../../graph/graph-view.ts";
import { pictureLayout } from "../../../graph/picture/layout.ts";
import { renderPicture } from "../../../graph/picture/render-picture.ts";
import type { RecordedResource, Recording } from "../../../graph/recorder.ts";
import { renderMermaid } from "../../../graph/render-mermaid.ts";
import { renderTree } from "../../../graph/render-tree.ts";

function resource(type: string, name: string): RecordedResource {
  return {
    ...{ type, name, parent: "", provider: "", custom: !type.startsWith("vaultstack:"), inputs: {}, dependencies: [] },
    ...{ deletedWith: "", ignoreChanges: [], retainOnDelete: false, adopts: "", additionalSecretOutputs: [] },
  };
}

const engine = "vaultstack:engines:KvEngine::secret";
const mount = "vault:index/mount:Mount::secret";
const policy = "vault:index/policy:Policy::read";
const provider = "pulumi:providers:vault::vault";
const audit = "vault:index/audit:Audit::file";

/** A policy after a mount after an audit device, all of one provider. */
const recording: Recording = {
  resources: [
    ...[resource("vault:index/policy:Policy", "read"), resource("vaultstack:engines:KvEngine", "secret")],
    ...[resource("vault:index/mount:Mount", "secret"), resource("pulumi:providers:vault", "vault")],
    resource("vault:index/audit:Audit", "file"),
  ],
  edges: [
    ...[mount, policy, audit].map((from) => ({ from, to: provider, via: ["provider"] })),
    { from: mount, to: audit, via: ["dependsOn"] },
    { from: policy, to: audit, via: ["dependsOn"] },
    { from: policy, to: mount, via: ["policy"] },
  ],
  parents: { [mount]: engine },
  outputs: {},
};
const view = graphView(recording);

describe("the view of a graph", () => {
  test("puts what comes first in front", () => {
    expect(view.map(({ id }) => id)).toEqual([provider, audit, engine, policy]);
  });

  test("names the nearest predecessors only, and no provider that nothing precedes", () => {
    const needs = Object.fromEntries(flattened(view).map((node) => [node.id, node.needs]));
    expect(needs).toMatchObject({ [policy]: [mount], [mount]: [audit], [audit]: [] });
  });

  test("shows two components that need parts of one another", () => {
    const second = "vaultstack:access:Policy::read";
    const both: Recording = {
      ...recording,
      resources: [...recording.resources, resource("vaultstack:access:Policy", "read"), resource("a:b:C", "last")],
      edges: [...recording.edges, { from: "a:b:C::last", to: policy, via: ["x"] }],
      parents: { ...recording.parents, [policy]: second, "a:b:C::last": engine },
    };
    expect(graphView(both).map(({ id }) => id)).toHaveLength(4);
    expect(pictureLayout(graphView(both)).boxes).toHaveLength(4);
  });
});

describe("a graph is rendered", () => {
  test("as a tree", () => {
    expect(renderTree("stack dev", view)).toBe(
      [
        "stack dev",
        "├─ vault provider vault",
        "├─ Audit file",
        "├─ KvEngine secret",
        "│  └─ Mount secret  ← Audit file",
        "└─ Policy read  ← Mount secret",
      ].join("\n"),
    );
  });

  test("as a Mermaid flowchart, in which components hold their parts", () => {
    expect(renderMermaid(view).split("\n")).toEqual([
      "flowchart LR",
      '  n0["vault<br/><small>vault provider</small>"]',
      '  n1["file<br/><small>Audit</small>"]',
      '  subgraph n2["secret<br/><small>KvEngine</small>"]',
      '    n3["secret<br/><small>Mount</small>"]',
      "  end",
      '  n4["read<br/><small>Policy</small>"]',
      "  n1 --> n3",
      "  n3 --> n4",
    ]);
  });

  test("as a page that loads nothing and lets no name become markup", () => {
    const hostile = { ...view[0]!, id: '</script><b a="', name: "<b>", needs: [mount] };
    const page = renderPicture("stack <dev>", [hostile, ...view.slice(1)]);
    expect(page).not.toMatch(/<b>|<b a=|https?:\/\/(?!www\.w3\.org\/2000\/svg)/);
    expect(page.match(/<\/script>/g)).toHaveLength(2);
    expect(page).toContain("stack &lt;dev&gt;");
    expect(page).not.toMatch(/^(import|export) /m);
  });

  test("as boxes that do not cover one another, with what comes first at the left", () => {
    const { boxes, arrows } = pictureLayout(view);
    const left = new Map(boxes.map(({ node, x }) => [node.id, x]));
    for (const { from, to } of arrows) expect(left.get(from)).toBeLessThan(left.get(to) ?? 0);
    expect(arrows).toHaveLength(2);
    for (const [index, a] of boxes.entries()) {
      for (const b of boxes.slice(index + 1)) {
        const apart = a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;
        expect(apart, `${a.node.id} and ${b.node.id}`).toBe(true);
      }
    }
  });
});
