/** What the stops of the key protocol and the operations guide say of each other. Does not prove that a runbook helps. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { RUNBOOKS } from "../../../protocol/stops/runbooks.ts";

test("the guide's runbooks of messages are those that messages name, no more and no fewer", () => {
  const guide = readFileSync("docs/operations.md", "utf8");
  // The parts beside this one are for people who come without a message.
  const [, part = ""] = /^## Runbooks of messages\n([^]*?)(?=^## )/m.exec(guide) ?? [];
  const written = Array.from(part.matchAll(/^### (.+)$/gm), ([, name = ""]) => name);
  expect(written.toSorted()).toEqual(RUNBOOKS.toSorted());
});
