import { z } from "zod";
import { fault } from "../../shared/errors.ts";

/** A pull request on GitHub, and the right to comment on it. */
export interface PullRequest {
  /** As `owner/name`. */
  readonly repository: string;
  readonly number: number;
  readonly token: string;
  /** Base URL of the API. */
  readonly api: string;
}

const comments = z.array(z.looseObject({ id: z.number(), body: z.string().default("") }));
const pageSize = 100;

/**
 * Creates the one comment on a pull request, or updates it.
 * @returns Whether there was one before.
 * @throws {Error} When GitHub refuses.
 */
export async function postComment(pull: PullRequest, marker: string, body: string): Promise<"created" | "updated"> {
  const of = `repos/${pull.repository}/issues`;
  const present = await findComment(pull, marker);
  if (present === null) {
    await send(pull, "POST", `${of}/${pull.number}/comments`, { body });
    return "created";
  }
  await send(pull, "PATCH", `${of}/comments/${present}`, { body });
  return "updated";
}

async function findComment(pull: PullRequest, marker: string): Promise<number | null> {
  for (let page = 1; ; page++) {
    const path = `repos/${pull.repository}/issues/${pull.number}/comments?per_page=${pageSize}&page=${page}`;
    const found = comments.parse(await send(pull, "GET", path));
    const own = found.find(({ body }) => body.startsWith(marker));
    if (own !== undefined) return own.id;
    if (found.length < pageSize) return null;
  }
}

async function send({ api, token }: PullRequest, method: string, path: string, body?: object): Promise<unknown> {
  const response = await fetch(`${api}/${path}`, {
    method,
    headers: {
      Accept: "application/vnd.github+json",
      Authorization: `Bearer ${token}`,
      "X-GitHub-Api-Version": "2022-11-28",
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  if (!response.ok) {
    throw new Error(fault(`${method} ${path}`, "must succeed", response.status, "check the rights of the token"));
  }
  return response.json();
}
