/**
 * `npm run ci:copy -- <stack> --of <owner>/<name>`: prints the GitHub run whose copy of the stack a preview may use;
 * nothing when there is none. GH_TOKEN must be allowed to read actions.
 */
import { parseArgs } from "node:util";
import { fault } from "../shared/errors.ts";
import { unsafeEnvironmentFaults } from "../shared/unsafe-environment.ts";
import { trustedRun } from "./ci/trusted-run.ts";
import { refuse } from "./refuse.ts";

const { positionals, values } = parseArgs({ allowPositionals: true, options: { of: { type: "string", default: "" } } });
const [stack] = positionals;
if (stack === undefined || !/^[\w.-]+\/[\w.-]+$/.test(values.of)) {
  refuse([fault("--of", "must be <owner>/<name>, after the name of a stack", values.of, "write dev --of owner/name")]);
}
const unsafe = unsafeEnvironmentFaults(process.env);
if (unsafe.length > 0) refuse(unsafe);
const base = process.env["GITHUB_API_URL"] ?? "https://api.github.com";
const found = await trustedRun(stack, async (path) => {
  const headers = { accept: "application/vnd.github+json", authorization: `Bearer ${process.env["GH_TOKEN"] ?? ""}` };
  const response = await fetch(`${base}/repos/${values.of}/${path}`, { headers });
  if (!response.ok) throw new Error(`GitHub answers ${response.status} to ${path}`);
  return response.json();
});
if (found !== null) console.log(found);
