/**
 * A stack of another team beside the dev stack and beside the ha stack, in the same backend, that knows its outputs
 * only. The tests build on each other. That a login of the database works is shown with the workload's own token and
 * role, from outside its pod, because the sample image reads secrets of a store only.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { z } from "zod";
import { DevStack, seededPassword } from "../../support/dev-stack.ts";
import { HaStack } from "../../support/ha-stack.ts";
import { eventually, type EngineRun } from "../../support/live-stack.ts";
import { databaseOf, query } from "../../support/postgres-client.ts";
import { vaultAt } from "../../support/vault-client.ts";

const folder = mkdtempSync(join(tmpdir(), "vaultstack-consumer-"));
const settingsFile = join(folder, "Pulumi.team.yaml");
const namespace = "live-consumer-team";
const login = z.object({ data: z.object({ username: z.string(), password: z.string() }) });
const consumers = {
  team: { namespace, serviceAccount: "app", secrets: ["webapp/config"], database: "myapp-db-role" },
};
let dev: DevStack;

/** Makes each kind of stack, and has this process trust its Vault once it is up. */
const kinds = {
  dev: async () => {
    dev = await DevStack.create("live-consumer", { vault: 30460, webApp: 30461 }, { consumers });
    return () => Promise.resolve();
  },
  ha: async () => {
    const ha = await HaStack.create("live-consumer-ha", { vault: 30462, webApp: 30463 }, { consumers });
    dev = ha.dev;
    return () => ha.trust();
  },
};

/** Runs the engine on the other team's stack. */
function team(...args: readonly string[]): Promise<EngineRun> {
  return dev.stack.withProject("examples/team", () =>
    dev.stack.withEnvironment({ PULUMI_OPTION_CONFIG_FILE: settingsFile }, () => dev.stack.engine(args)),
  );
}

afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe.each(["dev", "ha"] as const)("a stack of another team beside the %s stack", (kind) => {
  beforeAll(async () => {
    const trust = await kinds[kind]();
    const up = await dev.stack.up();
    expect(up.code, up.output).toBe(0);
    await trust();
    const kubeContext = (await dev.stack.kubectl("config", "current-context")).trim();
    const values = { vaultStack: `organization/vaultstack/${dev.stack.name}`, kubeContext, namespace };
    const config = Object.fromEntries(Object.entries(values).map(([key, value]) => [`vaultstack-team:${key}`, value]));
    writeFileSync(settingsFile, stringify({ config }));
    const init = await team("stack", "init", "team", "--no-select");
    expect(init.code, init.output).toBe(0);
  });

  afterAll(async () => {
    await dev.stack.kubectl("delete", "namespace", namespace, "--ignore-not-found");
    await team("stack", "rm", "team", "--yes", "--force", "--preserve-config");
    await dev.remove();
  });

  test("comes up beside the Vault stack and reads its secret as itself", async () => {
    const up = await team("up", "--stack", "team", "--yes", "--skip-preview");
    expect(up.code, up.output).toBe(0);
    const pod = ["-n", namespace, "get", "pods", "-o", "jsonpath={.items[0].status.podIP}"];
    await eventually("the workload shows the secret", async () => {
      const answer = await fetch(`http://${(await dev.stack.kubectl(...pod)).trim()}:8080/`);
      return (await answer.text()).includes(seededPassword);
    });
    const again = await team("preview", "--stack", "team", "--expect-no-changes");
    expect(again.code, again.output).toBe(0);
  });

  test("gets a login of the database under its role, and may do nothing else", async () => {
    const jwt = await dev.stack.kubectl("-n", namespace, "create", "token", "app", "--audience", "vault");
    const { address } = await dev.vault();
    const token = await vaultAt(address).loginKubernetes("workloads", "consumer-team", jwt.trim());
    const vault = vaultAt(address, token);
    const { data } = login.parse(await vault.request("GET", "demo-db/creds/myapp-db-role"));
    const [row] = await query(await databaseOf(dev), data, "SELECT current_user AS who");
    expect(row).toEqual({ who: data.username });
    expect(await vault.status("GET", "demo-db/creds/dev-postgres")).toBe(403);
    expect(await vault.status("GET", "secret/data/webapp/other")).toBe(403);
    expect(await vault.status("POST", "secret/data/webapp/config", { data: {} })).toBe(403);
  });

  test("finds the outputs inside the cluster too", async () => {
    const name = ["-n", dev.namespace, "get", "configmap", "vaultstack-outputs", "-o", "json"];
    const { data } = z
      .object({ data: z.record(z.string(), z.string()) })
      .parse(JSON.parse(await dev.stack.kubectl(...name)));
    const outputs = Object.keys(await dev.stack.outputs());
    expect([...Object.keys(data), "vaultCertificateExpires"].sort()).toEqual(outputs.sort());
    expect(data["consumerRoles"]).toBe("consumer-team\n");
  });

  test("breaks with its name when an output is gone", async () => {
    const { text } = await dev.stack.exportState();
    const without = text.replace(/\n\s*"kvMount": "secret",/, "");
    expect(without).not.toBe(text);
    await dev.stack.importState(without);
    const preview = await team("preview", "--stack", "team");
    await dev.stack.importState(text);
    expect(preview.code).not.toBe(0);
    expect(preview.output).toContain("the output kvMount of");
    expect(preview.output).toContain("must be a text, got nothing; the stack breaks outputs v2");
  });

  test("goes without a trace", async () => {
    const destroy = await team("destroy", "--stack", "team", "--yes", "--skip-preview");
    expect(destroy.code, destroy.output).toBe(0);
    expect(await dev.stack.kubectl("get", "namespace", namespace, "--ignore-not-found")).toBe("");
  });
});
