/**
 * The stack `ha` as it is shipped, with its gateway, its operator, its database and the policy pack, through the npm
 * scripts and with no preview skipped: what the README shows of it, and whatever its servers do meanwhile. The tests
 * build on each other and run in order. They do not prove that servers run on different machines, since the sandbox has
 * one.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DocumentWalk } from "../../support/document-walk.ts";
import { PersonShell } from "../../support/person-shell.ts";
import { edited } from "../../support/project-copy.ts";
import {
  describeCondition,
  leftNamespaces,
  ShippedRounds,
  testAbsence,
  type VaultCondition,
} from "../../support/shipped-table.ts";
import { ShippedStack } from "../../support/shipped-stack.ts";

const rounds = new ShippedRounds(new ShippedStack("ha"));
const { stack } = rounds;
const all = stack.pods;
const readme = new DocumentWalk("README.md", "cluster-wide/as-shipped-ha");
const conditions: readonly VaultCondition[] = [
  { name: "sealed", pods: all, kind: "sealed" },
  { name: "frozen", pods: all, kind: "frozen" },
  { name: "unreachable", pods: all, kind: "unreachable" },
  { name: "sealed at one of three", pods: ["vault-1"], kind: "sealed" },
  { name: "sealed at two of three", pods: ["vault-0", "vault-2"], kind: "sealed" },
];

beforeAll(async () => {
  const destroy = await stack.run("destroy");
  expect(destroy.code, destroy.output).toBe(0);
});

afterAll(async () => {
  rounds.mend();
  await stack.run("destroy");
  stack.shell.close();
  rounds.table.print();
});

describe("while Vault is absent", () => {
  testAbsence(rounds);

  test("it comes up as the README writes it, once the stack dev is away", async () => {
    const destroy = await readme.run(stack.shell, "npm run destroy -- dev");
    expect(destroy.code, destroy.output).toBe(0);
    const up = await readme.run(stack.shell, "npm run up -- ha", { limitSeconds: 1800 });
    expect(up.code, up.output).toBe(0);
    await stack.makeShellReady();
    const preview = await rounds.run("as it should be", "preview");
    expect(preview.code, preview.output).toBe(0);
    expect(preview.changes?.counts).toEqual({});
    const refresh = await rounds.run("as it should be", "refresh", "--preview-only");
    expect(refresh.code, refresh.output).toBe(0);
    expect(refresh.changes?.counts).toEqual({});
  }, 1_800_000);
});

describe("what the documents show", () => {
  test("a pull request is previewed without the stack's secrets", async () => {
    const project = edited([]);
    const shell = new PersonShell(project.folder, { PREVIEW_PASSPHRASE: "of the previews alone" });
    try {
      await shell.run(`eval "$(cd '${process.cwd()}' && npm run -s sandbox -- env --stack ha)"`);
      const copy = await readme.run(shell, "npm run ci:state -- ha");
      expect(copy.code, copy.output).toBe(0);
      expect(existsSync(join(project.folder, "copy"))).toBe(true);
      const reader = await readme.run(shell, "npm run -s ci:reader -- ha");
      expect(reader.code, reader.output).toBe(0);
      const preview = await readme.run(shell, "npm run ci:preview -- ha");
      expect(preview.code, preview.output).toBe(0);
      expect(readme.left()).toEqual([]);
    } finally {
      await shell.run("npm run -s ci:reader -- ha | kubectl delete --ignore-not-found -f -");
      shell.close();
      project.remove();
    }
  });

  test("clients are given an address and the authorities", async () => {
    const walk = new DocumentWalk("docs/client-access.md", "cluster-wide/as-shipped-ha");
    const folder = await stack.shell.run('cd "$(mktemp -d)" && ln -s "$OLDPWD"/Pulumi.yaml . && pwd');
    expect(folder.code, folder.output).toBe(0);
    const address = await walk.run(stack.shell, "pulumi stack output vaultAddress");
    expect(address.stdout.trim(), address.output).toBe("https://vault.example.com");
    const authorities = await walk.run(stack.shell, "pulumi stack output vaultCaCertificate");
    expect(authorities.code, authorities.output).toBe(0);
    expect((await stack.shell.run("head -1 vault-ca.pem; cd - > /dev/null")).stdout).toContain("BEGIN CERTIFICATE");
    expect(walk.left()).toEqual([]);
  });

  test("the guide's commands for certificates do what they say", async () => {
    const walk = new DocumentWalk("docs/runbooks/stale-certificate.md", "cluster-wide/as-shipped-ha");
    for (const container of ["certificate-reload", "vault"]) {
      const logs = await walk.run(stack.shell, "kubectl -n vault logs vault-0");
      expect(logs.code, `${container}: ${logs.output}`).toBe(0);
    }
    expect(walk.left()).toEqual([]);
  });
});

for (const [index, condition] of conditions.entries()) {
  describeCondition(rounds, condition, index === conditions.length - 1);
}

test("the stack leaves no namespace", async () => {
  expect(await leftNamespaces(stack)).toEqual([]);
});
