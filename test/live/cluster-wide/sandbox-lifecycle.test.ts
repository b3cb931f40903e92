import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { awaitCondition } from "../../../sandbox/cluster/await-condition.ts";
import { kubeletDirectory } from "../../../sandbox/cluster/node.ts";
import { readMachineRecord } from "../../../sandbox/cluster/machine-record.ts";
import { findLeftovers } from "../../../sandbox/cluster/tear-down.ts";
import { stateDirectory } from "../../../sandbox/paths.ts";
import { PersonShell } from "../../support/person-shell.ts";
import { sampleNamespace, samplePod, samplePort } from "../../support/sample-pod.ts";
import {
  forwarding,
  kernelSettings,
  killEverything,
  killPart,
  kubectl,
  mainProcesses,
  pretendReboot,
  sandbox,
} from "../../support/sandbox-machine.ts";

// Takes the sandbox of this machine through everything that can happen to it, and at the end removes it with its
// stacks. It does not prove how a machine with cgroup v2, an older iptables or a firewall of its own behaves.

const pod = ["--namespace", sampleNamespace, "exec", "sample-0", "--"];

beforeAll(async () => {
  expect(await sandbox("up")).toMatchObject({ code: 0 });
  await kubectl(["apply", "-f", "-"], samplePod);
  await podIsReady();
});

afterAll(async () => {
  // For whoever goes on with it; a failed test must not leave the machine without.
  await sandbox("up");
});

test("a second up starts nothing anew", async () => {
  const before = mainProcesses();
  expect(await sandbox("up")).toMatchObject({ code: 0 });
  expect(mainProcesses()).toEqual(before);
});

test("status is healthy and has an exit code that says so", async () => {
  const { code, stdout } = await sandbox("status");
  expect(code).toBe(0);
  expect(
    stdout
      .trim()
      .split("\n")
      .every((line) => line.endsWith("healthy")),
  ).toBe(true);
});

test("a pod that is not root and has a read-only root writes to its volume", async () => {
  // Initialising is what makes Vault write.
  await kubectl([
    ...pod,
    "vault",
    "operator",
    "init",
    "-key-shares=1",
    "-key-threshold=1",
    "-address=http://127.0.0.1:8200",
  ]);
  expect(readdirSync(await volumeFolder())).toContain("core");
});

test("a pod reaches a service by its name", async () => {
  // Exit code 2 is Vault's word for sealed: it has answered.
  await expect(kubectl([...pod, "vault", "status"])).rejects.toMatchObject({ code: 2 });
});

test("a node port answers on the node's address and on the loopback", async () => {
  for (const host of ["10.200.0.1", "127.0.0.1"]) {
    expect((await fetch(`http://${host}:${samplePort}/v1/sys/seal-status`)).status).toBe(200);
  }
});

test("logs and port-forward reach the pod", async () => {
  expect(await kubectl(["--namespace", sampleNamespace, "logs", "sample-0"])).toContain("Vault server configuration");
  const answer = await forwarding(`${sampleNamespace}/sample-0`, "18219:8200", () =>
    fetch("http://127.0.0.1:18219/v1/sys/seal-status"),
  );
  expect(answer.status).toBe(200);
});

test("a projected token has the audience that was asked for", () => {
  const pods = path.join(kubeletDirectory, "pods");
  const tokens = readdirSync(pods)
    .map((uid) => path.join(pods, uid, "volumes/kubernetes.io~projected/token/token"))
    .filter((file) => existsSync(file))
    .map((file) => readFileSync(file, "utf8").split(".")[1] ?? "");
  expect(tokens.map((claims) => JSON.parse(Buffer.from(claims, "base64url").toString()) as object)).toContainEqual(
    expect.objectContaining({ aud: ["vault"], iss: "https://kubernetes.default.svc.cluster.local" }),
  );
});

test.each(["etcd", "kube-apiserver", "kubelet", "containerd"])(
  "up repairs a killed %s and leaves pods alone",
  async (part) => {
    const before = await restarts();
    killPart(part);
    expect(await sandbox("up")).toMatchObject({ code: 0 });
    await podIsReady();
    expect(await restarts()).toBe(before);
  },
);

test("after a kill of everything, up brings back the same pods with their data", async () => {
  killEverything();
  expect(await sandbox("status")).toMatchObject({ code: 1 });
  expect(await sandbox("up")).toMatchObject({ code: 0 });
  await podIsReady();
  await dataIsThere();
});

test("after a reboot, up brings back the same pods with their data", async () => {
  await pretendReboot();
  expect(await sandbox("up")).toMatchObject({ code: 0 });
  await podIsReady();
  await dataIsThere();
});

test("of two ups at once, one waits and neither fails", async () => {
  killEverything();
  const [one, other] = await Promise.all([sandbox("up"), sandbox("up")]);
  expect([one.code, other.code]).toEqual([0, 0]);
  expect(`${one.stderr}${other.stderr}`.match(/waiting for sandbox up of process/g)).toHaveLength(1);
});

test("a namespace with a running pod can be deleted, and its volume goes with it", async () => {
  const volume = await volumeFolder();
  await kubectl(["delete", "namespace", sampleNamespace]);
  const removed = () => Promise.resolve(existsSync(volume) ? `${volume} exists` : undefined);
  await awaitCondition("removal of the volume", removed, 10_000);
});

test("down leaves nothing, also when a pod was running", async () => {
  const record = readMachineRecord();
  await kubectl(["apply", "-f", "-"], samplePod);
  await podIsReady();
  // As the README writes it, which may not be tried where others go on with the sandbox.
  const shell = new PersonShell(process.cwd());
  const down = await shell.run("npm run sandbox -- down");
  shell.close();
  expect(down.code, down.output).toBe(0);
  expect(await findLeftovers()).toEqual([]);
  expect(kernelSettings(Object.keys(record!.kernelSettings))).toEqual(record!.kernelSettings);
  expect(record!.absentPaths.filter((place) => existsSync(place))).toEqual([]);
});

test("a second down has nothing to do and says so", async () => {
  expect(await sandbox("down")).toMatchObject({ code: 0 });
  expect((await sandbox("status")).stdout).toContain("the sandbox is down");
});

async function podIsReady(): Promise<void> {
  const target = ["--namespace", sampleNamespace, "statefulset/sample"];
  await kubectl(["rollout", "status", ...target, "--timeout=60s"]);
  // The address of a restarted pod takes a moment to reach the node port.
  await awaitCondition(
    "answer of the pod",
    () => fetch(`http://10.200.0.1:${samplePort}/v1/sys/seal-status`).then(() => undefined, String),
    30_000,
  );
}

async function volumeFolder(): Promise<string> {
  const claim = ["--namespace", sampleNamespace, "get", "persistentvolumeclaim", "data-sample-0"];
  return path.join(stateDirectory, "volumes", await kubectl([...claim, "-o", "jsonpath={.spec.volumeName}"]));
}

async function dataIsThere(): Promise<void> {
  const answer = await fetch(`http://10.200.0.1:${samplePort}/v1/sys/seal-status`);
  expect(await answer.json()).toMatchObject({ initialized: true });
}

async function restarts(): Promise<string> {
  const path = "{.status.containerStatuses[0].restartCount}";
  return kubectl(["--namespace", sampleNamespace, "get", "pod", "sample-0", "-o", `jsonpath=${path}`]);
}
