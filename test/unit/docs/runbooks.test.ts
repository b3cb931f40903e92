/** What the stops of the key protocol and the runbooks say of each other. Does not prove that a runbook helps. */
import { globSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { runbookNames } from "../../../protocol/stops/runbooks.ts";

const index = readFileSync("docs/runbooks/README.md", "utf8");
const listed = (part: string): string[] =>
  Array.from(part.matchAll(/^- \[(.+?)\]\(\1\.md\): /gm), ([, name = ""]) => name);

test("the runbooks of messages are those that messages name, no more and no fewer", () => {
  // The part behind is for people who come without a message.
  const [, part = ""] = /^## Of messages\n([^]*?)(?=^## )/m.exec(index) ?? [];
  expect(listed(part).toSorted()).toEqual(runbookNames.toSorted());
});

test("every runbook has a page of its name, and is in the list", () => {
  const pages = globSync("*.md", { cwd: "docs/runbooks" }).filter((page) => page !== "README.md");
  expect(pages.toSorted()).toEqual(
    listed(index)
      .map((name) => `${name}.md`)
      .toSorted(),
  );
  for (const page of pages) {
    expect(readFileSync(`docs/runbooks/${page}`, "utf8")).toMatch(new RegExp(`^# ${page.slice(0, -3)}\n`));
  }
});
