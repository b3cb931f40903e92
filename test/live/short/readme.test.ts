/**
 * The README as its reader follows it: its commands as they are written, in their order, on the stack `dev` as it is
 * shipped, with its operator, its database and the policy pack, and no preview skipped. It does not prove anything
 * about a machine on which nothing was built before, nor about a terminal.
 */
import { afterAll, describe, expect, test } from "vitest";
import { DocumentWalk } from "../../support/document-walk.ts";
import { changesIn } from "../../support/engine-changes.ts";
import { PersonShell } from "../../support/person-shell.ts";

const walk = new DocumentWalk("README.md", "short/readme");
const shell = new PersonShell(process.cwd());
/** What a person has brought up before is theirs, with what they wrote into it. */
const wasThere = (await namespaces()).includes("vault");
let keys = "";

afterAll(async () => {
  if (!wasThere) await shell.run("npm run destroy");
  shell.close();
});

describe("who follows the README", () => {
  test("brings the stack up, and is told where to look", async () => {
    const up = await walk.run(shell, "npm run up");
    expect(up.code, up.output).toBe(0);
    expect(up.output).toMatch(walk.shown("stack dev is up"));
    // What runs this test: it would begin anew without an end.
    walk.leave("npm test", "short/readme");
  });

  test("sees the web app's answer at the address that is printed", async () => {
    const shown = walk.shown("curl");
    const answer = await walk.run(shell, "curl");
    expect(answer.code, answer.output).toBe(0);
    expect(answer.stdout.trimEnd()).toMatch(shown);
  });

  test("asks Vault from a shell that was made ready", async () => {
    const ready = await walk.run(shell, "eval");
    expect(ready.code, ready.output).toBe(0);
    const status = await walk.run(shell, "vault status");
    expect(status.code, status.output).toBe(0);
    keys = await storedKeys();
  });

  test("sees in a preview that Vault came back sealed, and nothing else", async () => {
    const deleted = await walk.run(shell, "kubectl -n vault delete pod vault-0");
    expect(deleted.code, deleted.output).toBe(0);
    const preview = await walk.run(shell, "npm run preview");
    expect(preview.code, preview.output).toBe(0);
    expect(changesIn(preview.output)).toEqual({
      counts: { update: 1 },
      resources: [expect.stringMatching(/^Unseal /)],
    });
  });

  test("heals it by up, which initialises nothing again, and is shown nothing afterwards", async () => {
    const up = await walk.run(shell, "npm run up");
    expect(up.code, up.output).toBe(0);
    expect(changesIn(up.output).counts).toEqual({ update: 1 });
    expect(await storedKeys()).toBe(keys);
    const page = await shell.run(
      "curl --silent --fail --retry 30 --retry-all-errors --retry-delay 1 http://10.200.0.1:30005",
    );
    expect(page.stdout.trimEnd()).toMatch(walk.shown("curl"));
    const preview = await shell.run("npm run preview -- --expect-no-changes");
    expect(preview.code, preview.output).toBe(0);
  });

  test("takes the stack away without a trace", async ({ skip }) => {
    skip(wasThere, "the stack dev was there before the tests, and stays");
    const destroy = await walk.run(shell, "npm run destroy");
    expect(destroy.code, destroy.output).toBe(0);
    const left = await namespaces();
    for (const name of ["vault", "webapp", "app", "postgres", "demo-ns", "vault-secrets-operator-system"]) {
      expect(left).not.toContain(name);
    }
    const roles = await shell.run("kubectl get clusterroles,clusterrolebindings,crds -o name");
    expect(roles.stdout.split("\n").filter((name) => /\/vault-|hashicorp/.test(name))).toEqual([]);
    const state = await shell.run("pulumi stack export | jq '.deployment.resources // [] | length'");
    expect(state.stdout.trim()).toBe("0");
    walk.leave("npm run sandbox -- down", "cluster-wide/sandbox-lifecycle");
  });

  test("looks at stacks without a cluster", async ({ skip }) => {
    skip(wasThere, "the README takes the stack away first");
    const graph = await walk.run(shell, "npm run graph -- ha ");
    expect(graph.code, graph.output).toBe(0);
    expect(graph.stdout).toContain("vault");
    const picture = await walk.run(shell, "npm run graph -- ha --format html");
    expect(picture.code, picture.output).toBe(0);
    const access = await walk.run(shell, "npm run access -- dev ");
    expect(access.code, access.output).toBe(0);
    expect(access.stdout).toContain("secret/data/webapp/config");
    const difference = await walk.run(shell, "npm run access -- dev --diff main");
    expect(difference.code, difference.output).toBe(0);
    expect(walk.left()).toEqual([]);
  });
});

async function namespaces(): Promise<string[]> {
  const { stdout } = await shell.run(`(eval "$(npm run -s sandbox -- env)"; kubectl get namespaces -o name)`);
  return stdout.split("\n").map((line) => line.replace("namespace/", ""));
}

async function storedKeys(): Promise<string> {
  const { stdout, code } = await shell.run("kubectl -n vault get secret vault-keys -o jsonpath='{.data}'");
  expect(code).toBe(0);
  return stdout;
}
