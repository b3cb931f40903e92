/**
 * The whole command on a copy of this project with a change in it. What a graph is made of, and that all changes are
 * found, is shown elsewhere.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { accessLines, accessRows, matrixFaults } from "../../../../components/access/matrix/access-matrix.ts";
import { accessOf } from "../../../../components/access/matrix/declared-access.ts";
import { graphOfDev } from "../../../support/graph-of-dev.ts";

// Each run records two graphs, and each is a process; on a busy machine it takes seconds to start.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

const change = "auth/kubernetes role webapp: may update secret/data/webapp/config";
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "vaultstack-access-"));
  const files = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], { encoding: "utf8" });
  for (const file of files.trim().split("\n")) cpSync(file, join(folder, file));
  const git = (...args: string[]) => execFileSync("git", args, { cwd: folder, stdio: "ignore" });
  git("init", "--quiet");
  git("add", ".");
  git("-c", "user.name=a test", "-c", "user.email=test@localhost", "commit", "--quiet", "--message", "All");
  symlinkSync(join(process.cwd(), "node_modules"), join(folder, "node_modules"));
  edit("demo/demo.ts", (text) =>
    text
      .replaceAll("webAppAccount", "itsAccount")
      .replace("rules: readSecret(secret)", 'rules: [{ path: secret.dataPath, capabilities: ["read", "update"] }]'),
  );
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

function edit(file: string, change: (text: string) => string): void {
  const before = readFileSync(join(folder, file), "utf8");
  const after = change(before);
  expect(after).not.toBe(before);
  writeFileSync(join(folder, file), after);
}

function access(...args: readonly string[]) {
  return spawnSync(process.execPath, ["scripts/access.ts", ...args], { cwd: folder, encoding: "utf8" });
}

test("a renamed variable and one more capability show as the capability alone, which fails until it is approved", () => {
  const refused = access("dev", "--diff", "HEAD", "--ci", "--format", "json");
  expect(refused.stderr).toBe("");
  expect(JSON.parse(refused.stdout)).toMatchObject({
    changes: [{ direction: "wider", kind: "capability", text: change }],
    unapproved: [{ text: change }],
  });
  expect(refused.status).toBe(1);

  edit("access-approvals.yaml", (text) =>
    text.replace("approvals: []", `approvals:\n  - stack: dev\n    change: "${change}"\n    reason: a test\n`),
  );
  const approved = access("dev", "--diff", "HEAD", "--ci");
  expect(approved.stdout).toContain(`- ${change} – approved`);
  expect(approved.status).toBe(0);
});

test("the comment of a pull request says exactly that one gain", () => {
  const parts = mkdtempSync(join(tmpdir(), "vaultstack-parts-"));
  onTestFinished(() => {
    rmSync(parts, { recursive: true });
  });
  writeFileSync(join(parts, "access-dev.md"), access("dev", "--diff", "HEAD", "--ci", "--format", "markdown").stdout);
  const comment = ["scripts/ci-comment.ts", "--parts", parts, "--commit", "0123456789abcdef"];
  const { stdout } = spawnSync(process.execPath, comment, { cwd: folder, encoding: "utf8" });
  expect(stdout.split("\n").filter((line) => line.startsWith("- "))).toEqual([`- \`${change}\` – approved`]);
});

test("what Pulumi's own login may do is part of it", () => {
  const file = "components/access/admin-policy.ts";
  const before = readFileSync(join(folder, file), "utf8");
  onTestFinished(() => {
    writeFileSync(join(folder, file), before);
  });
  const rule = '"sys/raw/*": { capabilities: ["read"], because: "of a test" },';
  edit(file, (text) => text.replace('  "sys/mounts":', `  ${rule}\n  "sys/mounts":`));
  const { stdout } = access("dev", "--diff", "HEAD", "--format", "json");
  const { changes } = JSON.parse(stdout) as { changes: { text: string }[] };
  expect(changes.map(({ text }) => text)).toEqual([
    "auth/approle-pulumi role pulumi: may read sys/raw/*",
    "auth/approle-pulumi role pulumi-preview: may read sys/raw/*",
    change,
  ]);
});

test("a commit that is not there is refused, and so is a check without one", () => {
  const unknown = access("dev", "--diff", "no-such-branch");
  expect(unknown.stderr).toMatch(/^--diff: must be a commit of this repository, got "no-such-branch"/);
  expect(unknown.status).toBe(2);
  expect(access("dev", "--ci").stderr).toMatch(/^--ci: must come with --diff/);
});

test.each(["dev", "ha"])("the output of the stack %s is the matrix of its graph", async (stack) => {
  const { resources, outputs } = await graphOfDev({ stack });
  const matrix = accessOf(resources);
  expect(matrixFaults(matrix)).toEqual([]);
  expect(outputs["accessMatrix"]).toEqual(accessLines(matrix));
  expect(matrix.logins.length).toBeGreaterThan(2);
});

test("a stack with agents has them and who hands out their secret ids in the output as in the graph", async () => {
  const agents = JSON.stringify({ one: { issuer: { namespace: "platform", serviceAccount: "starter" } } });
  const { resources, outputs } = await graphOfDev({ settings: { agents } });
  const matrix = accessOf(resources);
  expect(outputs["accessMatrix"]).toEqual(accessLines(matrix));
  const issuing = accessRows(matrix).find(({ path }) => path === "auth/agents/role/one/secret-id");
  expect(issuing).toMatchObject({ subject: "serviceaccount platform/starter", wrappingMaxTtl: 60 });
  expect(matrix.logins.find(({ authPath }) => authPath === "agents")).toMatchObject({
    subjects: ["approle one"],
    limits: { secretIdUses: 1, secretIdTtl: 600, ttl: 600, maxTtl: 3_600 },
  });
});

test("a stack with a directory has its groups in the output as in the graph", async () => {
  const ldap = JSON.stringify({
    ...{ kind: "directory", servers: ["ldap.test"], transport: { kind: "ldaps", trust: { kind: "system" } } },
    userSearch: { kind: "anonymous", baseDn: "ou=people,dc=test" },
    groupSearch: { kind: "search", baseDn: "ou=groups,dc=test" },
    groups: { developers: "reader" },
    users: { ada: "writer" },
  });
  const { resources, outputs } = await graphOfDev({ settings: { ldap } });
  const matrix = accessOf(resources);
  expect(outputs["accessMatrix"]).toEqual(accessLines(matrix));
  expect(accessRows(matrix).map(({ subject }) => subject)).toEqual(
    expect.arrayContaining(["ldap group developers", "ldap user ada"]),
  );
});
