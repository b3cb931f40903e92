import { describe, expect, test } from "vitest";
import { asPattern, blocksIn, commandsIn, filledIn, sessionIn } from "../../support/document-blocks.ts";

describe("blocks of a document", () => {
  test("come in order, with their headings and languages", () => {
    const text =
      "# One\n\n```\nnpm run up\n```\n\ntext\n\n## Two\n\n```yaml\na: 1\n# no heading\n```\n\n```sh\nls\n```\n";
    expect(blocksIn(text)).toEqual([
      { heading: "One", language: "", text: "npm run up" },
      { heading: "Two", language: "yaml", text: "a: 1\n# no heading" },
      { heading: "Two", language: "sh", text: "ls" },
    ]);
  });

  test("that nobody could read are refused, rather than passed over", () => {
    expect(() => blocksIn("- item\n  ```\n  ls\n  ```\n")).toThrow("must begin at the left");
    expect(() => blocksIn("# One\n```\nls\n")).toThrow("must end");
  });
});

describe("commands of a block", () => {
  test("are its lines, with their comments", () => {
    expect(commandsIn("npm run up   # heals\n\nnpm run destroy\n")).toEqual([
      "npm run up   # heals",
      "npm run destroy",
    ]);
  });

  test("go on over continued lines and through a function", () => {
    expect(commandsIn("a \\\n  | b\nf() {\n  c\n}\nd")).toEqual(["a \\\n  | b", "f() {\n  c\n}", "d"]);
  });
});

describe("a console session", () => {
  test("is its commands and what each prints", () => {
    expect(sessionIn("$ curl x\npassword: …\n$ true")).toEqual([
      { command: "curl x", printed: "password: …\n" },
      { command: "true", printed: "" },
    ]);
  });
});

describe("a shown text", () => {
  test("fits what it shows, with anything for its dots", () => {
    expect("password: abc\nusername: static-user").toMatch(asPattern("password: …\nusername: static-user"));
  });

  test.each([
    "password: \nusername: static-user",
    "password: a\nusername: other",
    "password: a\nb\nusername: static-user",
  ])("does not fit %j", (other) => {
    expect(other).not.toMatch(asPattern("password: …\nusername: static-user"));
  });
});

describe("what a reader fills in", () => {
  test("takes the place of each placeholder", () => {
    expect(filledIn("set kubeContext <context>", { context: "here" })).toBe("set kubeContext here");
  });

  test("must be known", () => {
    expect(() => filledIn("set <other>", { context: "here" })).toThrow("nothing is known for <other>");
  });
});
