/**
 * What the README says about a cluster of one's own, as it is written: the sandbox's cluster is used as a foreign one,
 * by its kubeconfig alone, and the project is another folder's. Two things are not as written: that a person's
 * passphrase is in the environment because there is no terminal, and where the operator's chart comes from, since a
 * test needs no network.
 */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { operatorChart } from "../../../sandbox/toolchain/operator-chart.ts";
import { goIdentity } from "../../../sandbox/toolchain/tool-cache.ts";
import { DocumentWalk } from "../../support/document-walk.ts";
import { changesIn } from "../../support/engine-changes.ts";
import { PersonShell } from "../../support/person-shell.ts";
import { edited, type ProjectCopy } from "../../support/project-copy.ts";
import { sandbox } from "../../support/sandbox-machine.ts";

const walk = new DocumentWalk("README.md", "cluster-wide/own-cluster");
const home = mkdtempSync(join(tmpdir(), "vaultstack-own-"));
let project: ProjectCopy;
let shell: PersonShell;

beforeAll(async () => {
  const { stdout } = await sandbox("env", "--json");
  const { PATH, KUBECONFIG, PULUMI_HOME } = z
    .object({ PATH: z.string(), KUBECONFIG: z.string(), PULUMI_HOME: z.string() })
    .parse(JSON.parse(stdout));
  mkdirSync(join(home, "backend"));
  project = edited([]);
  shell = new PersonShell(project.folder, {
    ...{ PATH, KUBECONFIG, PULUMI_HOME },
    PULUMI_BACKEND_URL: `file://${join(home, "backend")}`,
    PULUMI_CONFIG_PASSPHRASE: "a passphrase of the test",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    PULUMI_SKIP_UPDATE_CHECK: "true",
  });
});

afterAll(async () => {
  await shell.run("npm run destroy -- team --cluster current");
  await shell.run("pulumi stack unselect");
  shell.close();
  project.remove();
  rmSync(home, { recursive: true, force: true });
});

test("a stack of one's own is made, and comes up", async () => {
  const values = { context: "vaultstack-sandbox" };
  const settings = [
    "cp Pulumi.dev.yaml Pulumi.team.yaml",
    "pulumi stack init team",
    "npm run escrow -- team",
    "pulumi config set kubeContext <context>",
    "pulumi config set nodePort 0",
    "pulumi config set --path demo.kind none",
  ];
  for (const command of settings) {
    const run = await walk.run(shell, command, { values });
    expect(run.code, run.output).toBe(0);
  }
  const chart = operatorChart(await goIdentity());
  for (const [part, value] of Object.entries({ kind: "path", path: chart })) {
    const run = await shell.run(`pulumi config set --plaintext --path secretsOperatorChart.${part} '${value}'`);
    expect(run.code, run.output).toBe(0);
  }
  const up = await walk.run(shell, "npm run up -- team --cluster current");
  expect(up.code, up.output).toBe(0);
  expect(walk.left()).toEqual([]);
});

test("its Vault is open, no image of this project runs there, and a preview shows nothing", async () => {
  const status = await shell.run("kubectl -n vault exec vault-0 -- vault status -address http://127.0.0.1:8200");
  expect(status.stdout, status.output).toMatch(/^Sealed +false$/m);
  const images = "-o jsonpath='{range .items[*].spec.containers[*]}{.image}{\"\\n\"}{end}'";
  for (const namespace of ["vault", "postgres", "vault-secrets-operator-system"]) {
    const { stdout } = await shell.run(`kubectl -n ${namespace} get pods ${images}`);
    expect(stdout, namespace).not.toBe("");
    expect(stdout).not.toContain("vaultstack/");
  }
  const preview = await shell.run("npm run preview -- team --cluster current");
  expect(preview.code, preview.output).toBe(0);
  expect(changesIn(preview.output).counts).toEqual({});
});

test("it is destroyed without a trace", async () => {
  const destroy = await shell.run("npm run destroy -- team --cluster current");
  expect(destroy.code, destroy.output).toBe(0);
  const { stdout } = await shell.run("kubectl get namespaces -o name");
  for (const name of ["vault", "postgres", "vault-secrets-operator-system"]) {
    expect(stdout.split("\n")).not.toContain(`namespace/${name}`);
  }
});
