/**
 * First runs that go wrong otherwise than by a kill: rights, quotas, admission, networks, the API server, a second run.
 * On a real engine, cluster and Vault; each test begins with nothing. They do not prove anything about Raft.
 */
import { readdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { sandboxProcesses } from "../../../sandbox/cluster/processes.ts";
import { apiRelay } from "../../support/api-relay.ts";
import { databaseOnly, DevStack, seededPassword, targeting, vaultOnly } from "../../support/dev-stack.ts";
import { upHeld } from "../../support/held-run.ts";
import { type EngineRun, eventually } from "../../support/live-stack.ts";
import { plaintextHits, secretsOf } from "../../support/plaintext.ts";
import { restrictedAccount } from "../../support/restricted-access.ts";

const beforeInitialize = { protocol: "init", step: "initialize", moment: "before" } as const;
const afterInitialize = { protocol: "init", step: "initialize", moment: "after" } as const;

let dev: DevStack;

beforeEach(async () => {
  dev = await DevStack.create("lb-init", { vault: 30358, webApp: 0 });
});

afterEach(async () => {
  const destroy = await dev.stack.destroy();
  await dev.remove();
  expect(destroy.code, destroy.output).toBe(0);
});

/** One initialisation in all, and a run that finds nothing to do. */
async function expectHealed(up: EngineRun): Promise<void> {
  expect(up.code, up.output).toBe(0);
  expect(await dev.inits()).toBe(1);
  expect((await dev.keysRecord())?.state).toBe("initialized");
  const preview = await dev.stack.preview("--expect-no-changes", ...vaultOnly);
  expect(preview.code, preview.output).toBe(0);
  await eventually("all processes have ended", () => Promise.resolve(dev.stack.processes().length === 0));
}

function expectStopped({ code, output }: EngineRun, runbook: string): void {
  expect(code).not.toBe(0);
  expect(output).toContain(`docs/runbooks/${runbook}.md`);
}

async function isInitialized(): Promise<boolean> {
  return (await dev.sealStatus()).initialized;
}

describe("a first up", () => {
  test("by an account that may not create, or not update, Secrets stops before it initialises", async () => {
    const account = await restrictedAccount(dev.stack, "lb-init-account");
    // Its Secrets are others' business, and are there.
    const server = await dev.stack.upAtOnce(...databaseOnly);
    expect(server.code, server.output).toBe(0);
    const up = (): Promise<EngineRun> =>
      dev.stack.withEnvironment({ KUBECONFIG: account.kubeconfig }, () => dev.stack.upAtOnce(...vaultOnly));
    for (const denied of ["create", "update"]) {
      await account.grant(["create", "update", "patch"].filter((verb) => verb !== denied));
      const stopped = await up();
      expectStopped(stopped, "no-rights");
      expect(stopped.output).toMatch(new RegExp(`(no right to|cannot) ${denied}`));
      expect(await isInitialized()).toBe(false);
    }
    await account.grant(["create", "update"]);
    await expectHealed(await up());
    await account.remove();
  });

  test("in a namespace whose quota allows no Secret stops before it initialises", async () => {
    await dev.stack.upAtOnce(...targeting("vault-namespace"));
    await dev.stack.kubectl("-n", dev.namespace, "create", "quota", "no-secrets", "--hard=count/secrets=0");
    expectStopped(await dev.stack.upAtOnce(...vaultOnly), "no-rights");
    expect(await isInitialized()).toBe(false);
    await dev.stack.kubectl("-n", dev.namespace, "delete", "quota", "no-secrets");
    await expectHealed(await dev.stack.upAtOnce(...vaultOnly));
  });

  test("whose keys an admission policy refuses keeps them, encrypted, in the state, and the next up writes them", async () => {
    await refuseKeys();
    const failed = await dev.stack.upAtOnce(...vaultOnly);
    await allowKeys();
    expectStopped(failed, "unsaved-keys");
    expect(await isInitialized()).toBe(true);
    expect((await dev.keysRecord())?.state).toBe("intent");
    const between = (await dev.stack.exportState()).text;
    expect(between).toContain("unsavedKeys");
    // What was saved of the failure must hold the code it takes to refresh it.
    const init = ["--target", "**vault-bootstrap-init", "--yes", "--skip-preview"];
    const refresh = await dev.stack.engine(["refresh", "--stack", dev.stack.name, ...init]);
    expect(refresh.code, refresh.output).toBe(0);
    await expectHealed(await dev.stack.upAtOnce(...vaultOnly));
    const { values } = await secretsOf(dev.stack, seededPassword);
    expect(plaintextHits({ ...(await dev.readablePlaces()), "state between": between }, values)).toEqual([]);
  });

  test("during which the API server stands still for 20 s, right after Vault was initialised, loses no keys", async () => {
    const run = await upHeld(dev.stack, afterInitialize, ...vaultOnly);
    const server = sandboxProcesses().find(({ part, isMain }) => part === "kube-apiserver" && isMain);
    if (server === undefined) throw new Error("the sandbox has no API server");
    process.kill(server.pid, "SIGSTOP");
    try {
      run.goOn();
      await setTimeout(20_000);
    } finally {
      process.kill(server.pid, "SIGCONT");
    }
    await expectHealed(await run.done);
  });

  test("whose network is cut before its request to initialise arrives fails, and the next one initialises", async () => {
    const relay = await apiRelay(dev.stack);
    const run = await dev.stack.withEnvironment({ KUBECONFIG: relay.kubeconfig }, () =>
      upHeld(dev.stack, beforeInitialize, ...vaultOnly),
    );
    relay.cut();
    run.goOn();
    const failed = await run.done;
    expect(failed.code).not.toBe(0);
    expect(failed.output).not.toContain("lost-init");
    expect(await isInitialized()).toBe(false);
    await expectHealed(await dev.stack.upAtOnce(...vaultOnly));
  });

  test("whose pod dies right before it is initialised does not initialise its successor unseen", async () => {
    const run = await upHeld(dev.stack, beforeInitialize, ...vaultOnly);
    await dev.stack.kubectl("-n", dev.namespace, "delete", "pod", "vault-0", "--force", "--grace-period=0");
    run.goOn();
    const { code } = await run.done;
    if (code !== 0) expect((await dev.keysRecord())?.state).toBe("intent");
    await expectHealed(await dev.stack.upAtOnce(...vaultOnly));
  });

  test("that is interrupted twice loses the answer of a slow Vault, and the next ones stop until a person agrees", async () => {
    const run = await upHeld(dev.stack, beforeInitialize, ...vaultOnly);
    const vault = await dev.vaultProcess();
    process.kill(vault, "SIGSTOP");
    try {
      run.goOn();
      const interrupted = run.signal("SIGINT");
      await eventually("the engine heard of it", () => Promise.resolve(run.printed().includes("cancelling")));
      await Promise.all([interrupted, run.signal("SIGINT")]);
      expect((await dev.stack.exportState()).text).toContain('"type": "creating"');
    } finally {
      process.kill(vault, "SIGCONT");
    }
    expect((await run.done).code).not.toBe(0);
    await eventually("all processes have ended", () => Promise.resolve(dev.stack.processes().length === 0));
    await eventually("Vault did what it was asked", isInitialized);
    expectStopped(await dev.stack.upAtOnce(...vaultOnly), "lost-init");
    await dev.stack.set("allowReinitialize", "true");
    const up = await dev.stack.upAtOnce(...vaultOnly);
    expect(up.code, up.output).toBe(0);
    await dev.stack.unset("allowReinitialize");
    await expectHealed(await dev.stack.upAtOnce(...vaultOnly));
  });

  test("locks a second up of the same stack out", async () => {
    const run = await upHeld(dev.stack, beforeInitialize, ...vaultOnly);
    const second = await dev.stack.upAtOnce(...vaultOnly);
    expect(second.code).not.toBe(0);
    expect(second.output).toContain("the stack is currently locked");
    run.goOn();
    await expectHealed(await run.done);
  });

  test("that is frozen before it initialises, and overtaken by another, finds the other's keys and adopts them", async () => {
    const frozen = await upHeld(dev.stack, beforeInitialize, ...vaultOnly);
    // As if somebody took the frozen run for dead, on another machine: on this one its tunnel is in the way.
    await dev.stack.cancel();
    await dev.stack.set("access.kind", "tunnel");
    await dev.stack.set("access.port", "23340");
    const second = await dev.stack.upAtOnce(...vaultOnly);
    expect(second.code, second.output).toBe(0);
    const keys = await dev.keysRecord();
    frozen.goOn();
    await frozen.done;
    await eventually("all processes have ended", () => Promise.resolve(dev.stack.processes().length === 0));
    expect(await dev.keysRecord()).toEqual(keys);
    await expectHealed(await dev.stack.upAtOnce(...vaultOnly));
    expect(await dev.keysRecord()).toEqual(keys);
  });

  test("that meets a storage which broke while it was initialised stops, and heals after the runbook's two commands", async () => {
    await dev.stack.upAtOnce(...targeting("vault-namespace", "VaultServer**"));
    await eventually("the pod answers", async () => !(await isInitialized()));
    await dev.podRequest("sys/init", { secret_shares: 1, secret_threshold: 1 });
    // What a crash of Vault between its two writes leaves: a barrier without the configuration of its seal.
    const core = join(await dev.volumeFolder("data-vault-0"), "core");
    const seal = readdirSync(core).find((file) => file.includes("seal-config"));
    renameSync(join(core, seal ?? ""), join(core, "gone"));
    await dev.stack.kubectl("-n", dev.namespace, "delete", "pod", "vault-0", "--wait");
    expectStopped(await dev.stack.upAtOnce(...vaultOnly), "broken-init");
    await dev.stack.kubectl("-n", dev.namespace, "delete", "pvc", "data-vault-0", "--wait=false");
    await dev.stack.kubectl("-n", dev.namespace, "delete", "pod", "vault-0");
    await expectHealed(await dev.stack.upAtOnce(...vaultOnly));
  });

  test("whose image cannot be pulled says so with Kubernetes' reason, and heals with the right image", async () => {
    await dev.stack.set("vaultImage", "vaultstack/no-such-image:1.0.0");
    const failed = await dev.stack.upAtOnce(...vaultOnly);
    expectStopped(failed, "not-ready");
    expect(failed.output).toMatch(/ErrImagePull|ImagePullBackOff|ErrImageNeverPull/);
    await dev.stack.unset("vaultImage");
    await expectHealed(await dev.stack.upAtOnce(...vaultOnly));
  });
});

/** Makes the API server refuse what the protocol writes once Vault has given its keys, and nothing before. */
async function refuseKeys(): Promise<void> {
  const name = "lb-init-refuse-keys";
  const kinds = "admissionregistration.k8s.io/v1";
  const policy = {
    apiVersion: kinds,
    kind: "ValidatingAdmissionPolicy",
    metadata: { name },
    spec: {
      matchConstraints: {
        namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": dev.namespace } },
        resourceRules: [
          { apiGroups: [""], apiVersions: ["v1"], resources: ["secrets"], operations: ["CREATE", "UPDATE"] },
        ],
      },
      validations: [{ expression: "object.metadata.annotations['vaultstack.io/state'] != 'initialized'" }],
    },
  };
  const binding = {
    apiVersion: kinds,
    kind: "ValidatingAdmissionPolicyBinding",
    metadata: { name },
    spec: { policyName: name, validationActions: ["Deny"] },
  };
  for (const object of [policy, binding]) await dev.stack.kubectlWithInput(JSON.stringify(object), "apply", "-f", "-");
}

async function allowKeys(): Promise<void> {
  const name = "lb-init-refuse-keys";
  const objects = [`validatingadmissionpolicybinding/${name}`, `validatingadmissionpolicy/${name}`];
  await dev.stack.kubectl("delete", ...objects, "--ignore-not-found");
}
