/**
 * `npm run ci:comment -- --parts <folder> --commit <hash> [--post <owner/name>#<number>]`: puts together the comment of
 * a pull request from the files `preview-<stack>.json` and `access-<stack>.md` in a folder or the folders in it, and
 * prints it. With `--post` it is posted to GitHub, in place of the previous one, with the token in GH_TOKEN.
 */
import { globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { fault } from "../shared/errors.ts";
import { unsafeEnvironmentFaults } from "../shared/unsafe-environment.ts";
import { postComment, type PullRequest } from "./ci/post-comment.ts";
import { readRecord } from "./ci/recorded-preview.ts";
import { commentMarker, renderComment } from "./ci/render-comment.ts";
import { refuse } from "./refuse.ts";

const { values } = parseArgs({
  options: { parts: { type: "string" }, commit: { type: "string" }, post: { type: "string" } },
});
const { parts, commit, post } = values;
const usage = "write it as in: npm run ci:comment -- --parts parts --commit HEAD";
if (parts === undefined || commit === undefined) {
  refuse([
    ...(parts === undefined ? [fault("--parts", "must name a folder", undefined, usage)] : []),
    ...(commit === undefined ? [fault("--commit", "must name a commit", undefined, usage)] : []),
  ]);
}
const pull = post === undefined ? null : pullRequest(post);
const body = renderComment({
  previews: filesIn(parts, "preview-*.json").map(readRecord),
  access: filesIn(parts, "access-*.md"),
  commit,
});
process.stdout.write(body);
if (pull !== null) {
  try {
    process.stderr.write(`comment ${await postComment(pull, commentMarker, body)}\n`);
  } catch (error) {
    refuse([error instanceof Error ? error.message : String(error)]);
  }
}

/** Contents of the files of a name, in the order of their stacks. */
function filesIn(folder: string, name: string): string[] {
  return globSync([join(folder, name), join(folder, "*", name)])
    .sort((a, b) => (basename(a) < basename(b) ? -1 : 1))
    .map((file) => readFileSync(file, "utf8"));
}

function pullRequest(word: string): PullRequest {
  const [, repository = "", number = ""] = /^([\w.-]+\/[\w.-]+)#(\d+)$/.exec(word) ?? [];
  const { GH_TOKEN: token = "", GITHUB_API_URL: api = "https://api.github.com" } = process.env;
  const faults = [
    ...unsafeEnvironmentFaults(process.env),
    ...(repository === "" ? [fault("--post", "must be a pull request", word, "write it as owner/name#number")] : []),
    ...(token === "" ? [fault("GH_TOKEN", "must be set", undefined, "set it to a token that may comment")] : []),
  ];
  if (faults.length > 0) refuse(faults);
  return { repository, number: Number(number), token, api };
}
