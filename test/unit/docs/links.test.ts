/** Links between the documents lead somewhere. Links to other sites are not followed. */
import { existsSync, globSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";

const documents = globSync(["*.md", "{docs,sandbox}/**/*.md"]);

test("every link of a document leads to a file, a folder or a heading that exists", () => {
  expect(documents.flatMap(brokenLinks)).toEqual([]);
});

function brokenLinks(document: string): string[] {
  const links = Array.from(readFileSync(document, "utf8").matchAll(/\]\(([^)\s]+)\)/g), ([, link = ""]) => link);
  return links
    .filter((link) => !/^[a-z]+:/.test(link))
    .filter((link) => {
      const [path = "", heading] = link.split("#");
      const file = path === "" ? document : join(dirname(document), path);
      if (!existsSync(file)) return true;
      return heading !== undefined && (statSync(file).isDirectory() || !headings(file).includes(heading));
    })
    .map((link) => `${document}: ${link}`);
}

/** Headings by the names they get as anchors. */
function headings(file: string): string[] {
  return Array.from(readFileSync(file, "utf8").matchAll(/^#+ (.+)$/gm), ([, text = ""]) =>
    text
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .replaceAll(" ", "-"),
  );
}
