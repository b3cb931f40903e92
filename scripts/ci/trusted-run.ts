import { z } from "zod";

const artifacts = z.object({
  artifacts: z.array(z.object({ expired: z.boolean(), workflow_run: z.object({ id: z.int() }).nullish() })),
});
const place = z.object({ id: z.int() });
const run = z.object({
  id: z.int(),
  event: z.string(),
  path: z.string(),
  head_branch: z.string().nullish(),
  repository: place,
  head_repository: place.nullish(),
});

/**
 * The workflows that write copies, and what triggers them: nobody outside this repository can trigger one of them that
 * way.
 */
const writers: Readonly<Record<string, readonly string[]>> = {
  ".github/workflows/deploy.yaml": ["push"],
  ".github/workflows/drift.yaml": ["schedule", "workflow_dispatch"],
};

/** Asks GitHub's API for a path below `/repos/<owner>/<name>/`. */
export type AskGitHub = (path: string) => Promise<unknown>;

/**
 * The newest run whose copy of a stack may be taken. The names of an artifact and of a branch prove nothing: what a
 * fork's pull request runs may upload an artifact of any name here, even from a branch that is called main.
 * @param ask Asks GitHub.
 * @returns Id of the run; null when there is none.
 */
export async function trustedRun(stack: string, ask: AskGitHub): Promise<number | null> {
  const listed = artifacts.parse(await ask(`actions/artifacts?name=copy-${encodeURIComponent(stack)}&per_page=100`));
  const ids = listed.artifacts.flatMap(({ expired, workflow_run: of }) => (expired ? [] : [of?.id ?? []].flat()));
  for (const id of new Set(ids)) {
    if (isTrusted(await ask(`actions/runs/${id}`))) return id;
  }
  return null;
}

/**
 * Whether what a run uploaded comes from what was merged.
 * @param answer What GitHub says of the run.
 * @returns True for a run of this repository's main branch by a workflow that writes copies.
 */
export function isTrusted(answer: unknown): boolean {
  const { event, path, head_branch: branch, repository, head_repository: head } = run.parse(answer);
  const [file = ""] = path.split("@");
  const isWriter = Object.hasOwn(writers, file) && (writers[file] ?? []).includes(event);
  return isWriter && branch === "main" && head?.id === repository.id;
}
