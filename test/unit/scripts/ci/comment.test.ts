import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { postComment } from "../../../../scripts/ci/post-comment.ts";
import { readRecord, type RecordedPreview, writeRecord } from "../../../../scripts/ci/recorded-preview.ts";
import { commentMarker, renderComment } from "../../../../scripts/ci/render-comment.ts";

/**
 * The comment of a pull request, from a preview in the form of `pulumi preview --json`. That a preview really has this
 * form is shown by the live test of previews; that GitHub answers as the server here does is not shown.
 */

const urn = (type: string, name: string): string => `urn:pulumi:dev::vaultstack::vaultstack:a:B$${type}::${name}`;
const policy = "vault:index/policy:Policy";
const digest = {
  config: { "vaultstack:nodePort": "30004" },
  steps: [
    { op: "same", urn: urn(policy, "other") },
    {
      op: "update",
      urn: urn(policy, "webapp"),
      diffReasons: ["policy"],
      newState: { inputs: { policy: "a value that is not for the comment" } },
    },
    { op: "create-replacement", urn: urn("vault:index/mount:Mount", "secret") },
    {
      op: "replace",
      urn: urn("vault:index/mount:Mount", "secret"),
      replaceReasons: ["type"],
      diffReasons: ["type", "__provider"],
    },
    { op: "delete-replaced", urn: urn("vault:index/mount:Mount", "secret") },
    { op: "delete", urn: urn("kubernetes:core/v1:Service", "webapp") },
  ],
  diagnostics: [
    { message: "\u001b[1mdata-guard: must stay\u001b[0m", severity: "error" },
    { message: "data-guard: must stay", severity: "error" },
    { message: "a certificate\n  ends soon", severity: "warning" },
    { message: "of no interest", severity: "info" },
  ],
};

function recorded(exitCode: number, printed: string, notes: readonly string[] = []): RecordedPreview {
  return readRecord(writeRecord("dev", { exitCode, printed, notes }));
}

const empty: RecordedPreview = { stack: "dev", failed: false, changes: [], errors: [], warnings: [], notes: [] };
const commit = "0123456789abcdef0123456789abcdef01234567";

describe("a recorded preview", () => {
  test("holds what would be done to each resource once, and by which properties, without a value", () => {
    const preview = recorded(0, JSON.stringify(digest));
    expect(preview.changes).toEqual([
      { operation: "update", type: policy, name: "webapp", properties: ["policy"] },
      { operation: "replace", type: "vault:index/mount:Mount", name: "secret", properties: ["type"] },
      { operation: "delete", type: "kubernetes:core/v1:Service", name: "webapp", properties: [] },
    ]);
    expect(preview.errors).toEqual(["data-guard: must stay"]);
    expect(preview.warnings).toEqual(["a certificate\n  ends soon"]);
  });

  test("of a run that did not come to a preview is a failed one", () => {
    expect(recorded(1, "no JSON")).toEqual({ ...empty, failed: true });
  });
});

describe("the comment", () => {
  test("says of each stack what a merge would change, with what is lost in bold", () => {
    const preview = recorded(0, JSON.stringify({ ...digest, diagnostics: [] }));
    const body = renderComment({ previews: [preview, { ...empty, stack: "ha" }], access: [], commit });
    expect(body).toBe(
      [
        commentMarker,
        "## What a merge would change",
        "",
        "### Stack dev: 1 to update, 1 to replace, 1 to delete",
        "",
        "|  | resource | type | differs in |",
        "| --- | --- | --- | --- |",
        `| update | \`webapp\` | \`${policy}\` | \`policy\` |`,
        "| **replace** | `secret` | `vault:index/mount:Mount` | `type` |",
        "| **delete** | `webapp` | `kubernetes:core/v1:Service` |  |",
        "",
        "### Stack ha: nothing",
        "",
        "Of commit 0123456789ab.",
        "",
      ].join("\n"),
    );
  });

  test("shows why a preview failed, and what it could not show", () => {
    const body = renderComment({
      previews: [recorded(1, JSON.stringify(digest), ["a secret changed"])],
      access: [],
      commit,
    });
    expect(body).toContain("### Stack dev: the preview failed");
    expect(body).toContain("~~~text\ndata-guard: must stay\n~~~");
    expect(body).toContain("- a certificate ends soon");
    expect(body).toContain("What it cannot show:\n\n- a secret changed");
  });

  test("is not broken by what is in an error or in a name", () => {
    const changes = [{ operation: "create", type: "a|b", name: "`x`", properties: [] }] as const;
    const body = renderComment({ previews: [{ ...empty, changes, errors: ["a\n~~~\n# b"] }], access: [], commit });
    expect(body).toContain("| create | `'x'` | `a\\|b` |  |");
    expect(body.match(/^~~~/gm)).toHaveLength(2);
  });

  test("shows who could do more, as the access command said it", () => {
    const access = "### Access: stack dev since main\n\nSomebody may do more:\n\n- `x` – not approved\n";
    expect(renderComment({ previews: [empty], access: [access], commit })).toContain(access.trim());
  });

  test("stays within what GitHub takes", () => {
    const changes = Array.from({ length: 1_000 }, (_, index) => ({
      ...({ operation: "update", type: policy, properties: ["policy"] } as const),
      name: `policy-${index}`,
    }));
    const errors = ["x".repeat(100_000)];
    const body = renderComment({ previews: [{ ...empty, changes, errors }], access: [], commit });
    expect(body.length).toBeLessThan(65_536);
    expect(body).toContain("And 850 more.");
  });
});

describe("a comment is posted", () => {
  const closers: (() => void)[] = [];
  afterEach(() => {
    for (const close of closers.splice(0)) close();
  });

  /** A stand-in of GitHub with these comments; what it was asked to change is noted. */
  async function github(present: readonly { readonly id: number; readonly body: string }[], status = 200) {
    const asked: string[] = [];
    const server = createServer((request: IncomingMessage, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const { method = "", url = "", headers } = request;
        if (method !== "GET") {
          asked.push(`${method} ${url} ${headers.authorization ?? ""} ${Buffer.concat(chunks).toString()}`);
        }
        const page = Number(new URL(url, "http://x").searchParams.get("page") ?? "1");
        response.statusCode = status;
        response.end(JSON.stringify(method === "GET" ? present.slice((page - 1) * 100, page * 100) : {}));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    closers.push(() => server.close());
    const api = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return { asked, pull: { repository: "a/b", number: 7, token: "t", api } };
  }

  const others = Array.from({ length: 150 }, (_, index) => ({ id: index, body: "of somebody else" }));

  test("once, when there is none yet", async () => {
    const { asked, pull } = await github(others);
    expect(await postComment(pull, commentMarker, "new")).toBe("created");
    expect(asked).toEqual(['POST /repos/a/b/issues/7/comments Bearer t {"body":"new"}']);
  });

  test("in the place of the one before, on whatever page that is", async () => {
    const { asked, pull } = await github([...others, { id: 999, body: `${commentMarker}\nold` }]);
    expect(await postComment(pull, commentMarker, "new")).toBe("updated");
    expect(asked).toEqual(['PATCH /repos/a/b/issues/comments/999 Bearer t {"body":"new"}']);
  });

  test("or refused, which is an error without the token", async () => {
    const { pull } = await github([], 403);
    await expect(postComment({ ...pull, token: "hidden" }, commentMarker, "new")).rejects.toThrow(
      /^GET repos\/a\/b\/issues\/7\/comments\S* must succeed, got 403; check the rights of the token$/,
    );
  });
});
