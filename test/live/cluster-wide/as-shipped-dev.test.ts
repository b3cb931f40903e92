/**
 * The stack `dev` as it is shipped, with its operator, its database and the policy pack, through the npm scripts and
 * with no preview skipped: whatever Vault does meanwhile. The tests build on each other and run in order. They do not
 * prove anything about a network that loses some packets only.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DocumentWalk } from "../../support/document-walk.ts";
import {
  describeCondition,
  leftNamespaces,
  ShippedRounds,
  testAbsence,
  type VaultCondition,
} from "../../support/shipped-table.ts";
import { ShippedStack } from "../../support/shipped-stack.ts";

const rounds = new ShippedRounds(new ShippedStack("dev"));
const { stack } = rounds;
const pods = stack.pods;
const conditions: readonly VaultCondition[] = [
  { name: "sealed", pods, kind: "sealed" },
  { name: "frozen", pods, kind: "frozen" },
  { name: "unreachable", pods, kind: "unreachable" },
];

beforeAll(async () => {
  const destroy = await stack.run("destroy");
  expect(destroy.code, destroy.output).toBe(0);
  await stack.makeShellReady();
});

afterAll(async () => {
  rounds.mend();
  await stack.run("destroy");
  stack.shell.close();
  rounds.table.print();
});

describe("while Vault is absent", () => {
  testAbsence(rounds);

  test("an up makes what was shown", async () => {
    const up = await rounds.run("absent", "up");
    expect(up.code, up.output).toBe(0);
    expect(Object.keys(up.changes?.counts ?? {})).toEqual(["create"]);
    const preview = await rounds.run("as it should be", "preview");
    expect(preview.code, preview.output).toBe(0);
    expect(preview.changes?.counts).toEqual({});
    const refresh = await rounds.run("as it should be", "refresh", "--preview-only");
    expect(refresh.code, refresh.output).toBe(0);
    expect(refresh.changes?.counts).toEqual({});
  });
});

describe("what the guide shows", () => {
  const walk = new DocumentWalk("docs/guides/delivered-secrets.md", "cluster-wide/as-shipped-dev");

  test("tells of a secret that is not synced", async () => {
    const described = await walk.run(stack.shell, "kubectl -n app describe vaultstaticsecret");
    expect(described.code, described.output).toBe(0);
    expect(described.stdout).toContain("vault-kv-app");
    const logs = await walk.run(stack.shell, "kubectl -n vault-secrets-operator-system logs");
    expect(logs.code, logs.output).toBe(0);
  });

  test("lets a custom resource be deleted that its operator no longer frees", async () => {
    const freed = await walk.run(stack.shell, "kubectl -n app patch vaultstaticsecret");
    expect(freed.code, freed.output).toBe(0);
    expect(walk.left()).toEqual([]);
  });
});

for (const [index, condition] of conditions.entries()) {
  describeCondition(rounds, condition, index === conditions.length - 1);
}

test("the stack leaves no namespace", async () => {
  expect(await leftNamespaces(stack)).toEqual([]);
});
