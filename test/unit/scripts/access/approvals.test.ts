import { describe, expect, test } from "vitest";
import type { AccessChange } from "../../../../components/access/matrix/access-diff.ts";
import { judge, parseApprovals } from "../../../../scripts/access/approvals.ts";
import { renderChanges } from "../../../../scripts/access/render-access.ts";

const wider: AccessChange = {
  direction: "wider",
  kind: "capability",
  text: "auth/k role app: may update secret/data/app",
};
const narrower: AccessChange = {
  direction: "narrower",
  kind: "path",
  text: "auth/k role app: may no longer read db/creds/app",
};
const approval = { stack: "dev", change: wider.text, reason: "it keeps its own settings" };

describe("approvals", () => {
  test("cover a wider change word for word, and no narrower one needs any", () => {
    expect(judge("dev", [wider, narrower], { before: [], after: [approval] })).toEqual({ unapproved: [], unused: [] });
    const nearly = { ...approval, change: `${wider.text}s` };
    expect(judge("dev", [wider], { before: [], after: [nearly] })).toEqual({ unapproved: [wider], unused: [nearly] });
  });

  test("of an earlier change cover nothing now, and are no fault either", () => {
    expect(judge("dev", [wider], { before: [approval], after: [approval] })).toEqual({
      unapproved: [wider],
      unused: [],
    });
    expect(judge("dev", [], { before: [approval], after: [] })).toEqual({ unapproved: [], unused: [] });
    // The same change once more, agreed to once more.
    const twice = { before: [approval], after: [approval, approval] };
    expect(judge("dev", [wider], twice)).toEqual({ unapproved: [], unused: [] });
  });

  test("of another stack cover nothing here", () => {
    const other = { ...approval, stack: "ha" };
    expect(judge("dev", [wider], { before: [], after: [other] })).toEqual({ unapproved: [wider], unused: [] });
  });

  test("of nothing that has changed are a fault", () => {
    expect(judge("dev", [narrower], { before: [], after: [approval] }).unused).toEqual([approval]);
  });

  test("must say stack, change and reason, and nothing else", () => {
    const text = "approvals:\n  - { stack: dev, change: x, by: me }\n  - { change: y, reason: z, stack: '' }\n";
    expect(() => parseApprovals(text, "access-approvals.yaml")).toThrow(/approvals\.0\.reason: must|approvals\.0/);
    expect(() => parseApprovals(text, "access-approvals.yaml")).toThrow(/approvals\.1\.stack/);
    expect(parseApprovals(undefined, "access-approvals.yaml")).toEqual([]);
  });
});

describe("what people read", () => {
  test("says of each wider change whether it is approved, in Markdown as code", () => {
    const text = renderChanges(
      "stack dev since main",
      [wider, narrower],
      { unapproved: [wider], unused: [] },
      "markdown",
    );
    expect(text).toContain(`- \`${wider.text}\` – not approved`);
    expect(text).toContain(`- \`${narrower.text}\`\n`);
    expect(text).toContain("Add to access-approvals.yaml");
  });

  test("says that nothing has changed", () => {
    expect(renderChanges("stack dev since main", [], { unapproved: [], unused: [] }, "table")).toBe(
      "access: stack dev since main\n\nEverybody may do the same as before.",
    );
  });
});
