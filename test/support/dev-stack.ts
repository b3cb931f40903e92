import { readdirSync, readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { type EngineRun, eventually, LiveStack } from "./live-stack.ts";
import { secretsOf } from "./plaintext.ts";
import { vaultAt, type VaultClient } from "./vault-client.ts";

const sealStatus = z.object({ initialized: z.boolean(), sealed: z.boolean(), progress: z.number() });

const keysRecord = z.object({
  state: z.enum(["intent", "initialized"]),
  runId: z.string(),
  initializedAt: z.string().optional(),
  keysFingerprint: z.string().optional(),
  pending: z.unknown().optional(),
});

/** First password of the web app's secret. */
export const seededPassword = "seeded-by-the-live-test";

/**
 * Flags that limit a run to resources by the ends of their names, and to the guard of data: a first run that did not
 * name it could make nothing that keeps any.
 */
export function targeting(...names: readonly string[]): string[] {
  return ["data-guard", ...names].flatMap((name) => ["--target", `**${name}`]);
}

const database = ["postgres-namespace", "PostgresServer**"];

/** Flags that limit a run to the database's server. */
export const databaseOnly: readonly string[] = targeting(...database);

/** The servers of Vault and of the database, whose provider the engine asks for in any case. */
const servers = ["vault-namespace", "VaultServer**", ...database];

/** Flags that limit a run to these servers. It fails: what lives inside Vault cannot be looked at yet. */
export const serversOnly: readonly string[] = targeting(...servers);

/**
 * Flags that limit a run to Vault itself and the database's server: what lives inside both, and the workloads, are left
 * out.
 */
export const vaultOnly: readonly string[] = targeting(...servers, "VaultBootstrap**");

/** The setting of a demonstration whose namespaces are its stack's own. */
export function demoSettings(stack: string, webAppNodePort: number): Readonly<Record<string, unknown>> {
  return {
    kind: "sample",
    webAppNodePort,
    webAppNamespace: `${stack}-webapp`,
    appNamespace: `${stack}-app`,
    databaseAppNamespace: `${stack}-database-app`,
  };
}

/** The dev stack under names and ports of its own, with what tests ask of it over and over. */
export class DevStack {
  readonly stack: LiveStack;
  readonly namespace: string;
  readonly webAppNamespace: string;
  readonly demoAppNamespace: string;
  readonly postgresNamespace: string;
  readonly databaseAppNamespace: string;

  private constructor(stack: LiveStack) {
    this.stack = stack;
    this.namespace = stack.namespace;
    this.webAppNamespace = `${stack.name}-webapp`;
    this.demoAppNamespace = `${stack.name}-app`;
    this.postgresNamespace = `${stack.name}-postgres`;
    this.databaseAppNamespace = `${stack.name}-database-app`;
  }

  /** Makes the stack without deploying it, after taking away what a killed run of the same test may have left. */
  static async create(
    name: string,
    ports: { readonly vault: number; readonly webApp: number },
    config: Readonly<Record<string, unknown>> = {},
  ): Promise<DevStack> {
    const stack = await LiveStack.create(
      name,
      {
        nodePort: ports.vault,
        demo: demoSettings(name, ports.webApp),
        postgresNamespace: `${name}-postgres`,
        // There can be one in a cluster; the suite about it installs it.
        secretsOperator: "none",
        ...config,
      },
      {
        'kvSeeds["webapp/config"].username': "static-user",
        'kvSeeds["webapp/config"].password': seededPassword,
      },
    );
    const dev = new DevStack(stack);
    await dev.removeObjects();
    return dev;
  }

  /** Removes everything, however far the test came. */
  async remove(): Promise<void> {
    await this.removeObjects();
    this.stack.forget();
  }

  /** An up that takes over what exists, by the setting for one run, as after a lost state. */
  async adoptWhatExists(): Promise<EngineRun> {
    await this.stack.unset("kvSeeds");
    await this.stack.set("adoptExisting", "true");
    const up = await this.stack.up();
    await this.stack.unset("adoptExisting");
    return up;
  }

  /**
   * An up that takes back what somebody changed by hand, by the setting for one run, and the one that is told it is
   * over.
   */
  async takeBackFields(): Promise<readonly EngineRun[]> {
    await this.stack.set("takeBackFields", "true");
    const up = await this.stack.up("--refresh", "--run-program");
    await this.stack.unset("takeBackFields");
    return [up, await this.stack.up()];
  }

  /** Address and identity of the unsealed Vault. */
  async vault(): Promise<{ readonly address: string; readonly clusterId: string }> {
    const { vaultAddress } = z.object({ vaultAddress: z.url() }).parse(await this.stack.outputs());
    let clusterId = "";
    // A node port opens a moment after the pod is ready.
    await eventually("Vault answers at its node port", async () => {
      clusterId = (await vaultAt(vaultAddress).sealStatus()).cluster_id ?? "";
      return clusterId !== "";
    });
    return { address: vaultAddress, clusterId };
  }

  /** A client with the stack's own login. */
  async admin(): Promise<VaultClient> {
    const { address } = await this.vault();
    return vaultAt(address, await (await secretsOf(this.stack, seededPassword)).login(address));
  }

  /** What the web app shows. */
  async page(): Promise<string> {
    const { demo } = z.object({ demo: z.object({ webAppUrl: z.url() }) }).parse(await this.stack.outputs());
    return (await fetch(demo.webAppUrl)).text();
  }

  /** The whole content of the keys Secret. */
  async keys(): Promise<string> {
    return this.stack.kubectl("-n", this.namespace, "get", "secret", "vault-keys", "-o", "jsonpath={.data}");
  }

  /** What the keys Secret says of the set of keys it holds; null when there is no Secret. */
  async keysRecord(): Promise<z.infer<typeof keysRecord> | null> {
    const text = await this.storedKeys();
    return text === null ? null : keysRecord.parse(JSON.parse(text));
  }

  /** How often the pod's storage was initialised, by Vault's own log of the one container there ever was. */
  async inits(): Promise<number> {
    const restarts = await this.stack.kubectl(
      "-n",
      this.namespace,
      "get",
      "pod",
      "vault-0",
      "-o",
      "jsonpath={.status.containerStatuses[0].restartCount}",
    );
    if (restarts !== "0") throw new Error(`the log of the first container is gone: ${restarts} restarts`);
    const log = await this.stack.kubectl("-n", this.namespace, "logs", "vault-0");
    return log.split("\n").filter((line) => line.includes("security barrier initialized")).length;
  }

  /** All that the keys Secret holds, as its backup does. */
  async keysSecret(): Promise<string> {
    return this.stack.kubectl("-n", this.namespace, "get", "secret", "vault-keys", "-o", "jsonpath={.data}");
  }

  /** Puts a backup of the keys Secret back, whole. */
  async restoreKeysSecret(backup: string): Promise<void> {
    const patch = ["patch", "secret", "vault-keys", "--type", "merge", "--patch", `{"data":${backup}}`];
    await this.stack.kubectl("-n", this.namespace, ...patch);
  }

  /** The record in the keys Secret as it stands there; null when there is no Secret. */
  async storedKeys(): Promise<string | null> {
    const secret = ["-n", this.namespace, "get", "secret", "vault-keys", "--ignore-not-found"];
    const encoded = await this.stack.kubectl(...secret, "-o", "jsonpath={.data.record\\.json}");
    return encoded === "" ? null : Buffer.from(encoded, "base64").toString();
  }

  /** Edits that record the way a person would. */
  async editStoredKeys(edit: (record: string) => string): Promise<void> {
    const data = { "record.json": Buffer.from(edit((await this.storedKeys()) ?? "")).toString("base64") };
    const patch = ["patch", "secret", "vault-keys", "--type", "merge", "--patch", JSON.stringify({ data })];
    await this.stack.kubectl("-n", this.namespace, ...patch);
  }

  /** What others than the stack's owner may read of it, by names that may be printed. */
  async readablePlaces(): Promise<Record<string, string>> {
    const { stack, namespace } = this;
    const objects = ["secrets,configmaps,leases,events", "-o", "yaml"];
    return {
      state: (await stack.exportState()).text,
      console: stack.transcript,
      "objects of the cluster": await stack.kubectl("-n", namespace, "get", ...objects),
      "kubectl describe": await stack.kubectl("-n", namespace, "describe", "pods,statefulsets,services,pvc,secrets"),
      "log of Vault": await stack.kubectl("-n", namespace, "logs", "vault-0"),
    };
  }

  /** Vault's own word from inside the pod: a sealed pod is no endpoint of its Service. */
  async sealStatus(): Promise<z.infer<typeof sealStatus>> {
    return sealStatus.parse(JSON.parse(await this.stack.kubectl("get", "--raw", this.podPath("sys/seal-status"))));
  }

  /** Sends a request to the pod as somebody with access to the cluster could. */
  async podRequest(path: string, body: unknown): Promise<void> {
    await this.stack.kubectlWithInput(JSON.stringify(body), "create", "--raw", this.podPath(path), "-f", "-");
  }

  /** Deletes the Vault pod and waits until its replacement answers, sealed. */
  async restartVault(): Promise<void> {
    const uid = await this.podUid();
    await this.stack.kubectl("-n", this.namespace, "delete", "pod", "vault-0", "--wait");
    await eventually("the new pod answers, sealed", async () => {
      return (await this.podUid()) !== uid && (await this.sealStatus()).sealed;
    });
  }

  /** Deletes the data volume with the pod on it and waits until the pod answers on an empty one. */
  async loseVolume(): Promise<void> {
    await this.stack.kubectl("-n", this.namespace, "delete", "pvc", "data-vault-0", "--wait=false");
    await this.stack.kubectl("-n", this.namespace, "delete", "pod", "vault-0", "--wait");
    await eventually("the pod answers on an empty volume", async () => !(await this.sealStatus()).initialized);
  }

  /** Names of the volumes bound to Vault's claims. */
  async volumes(): Promise<string[]> {
    const template = `{range .items[?(@.spec.claimRef.namespace=="${this.namespace}")]}{.metadata.name}{"\\n"}{end}`;
    const names = await this.stack.kubectl("get", "pv", "-o", `jsonpath=${template}`);
    return names.split("\n").filter((line) => line !== "");
  }

  /** The audit file as it lies on the node: the container has no program to print it. */
  async auditFile(): Promise<string> {
    return readFile(join(await this.volumeFolder("audit-vault-0"), "audit.log"), "utf8");
  }

  /** Folder of a claim's volume on this machine, which is the node. */
  async volumeFolder(claim: string): Promise<string> {
    const volume = ["-n", this.namespace, "get", "pvc", claim, "-o", "jsonpath={.spec.volumeName}"];
    const path = "jsonpath={.spec.local.path}{.spec.hostPath.path}";
    return this.stack.kubectl("get", "pv", await this.stack.kubectl(...volume), "-o", path);
  }

  /** Vault's process on this machine, which is the node. */
  async vaultProcess(): Promise<number> {
    const uid = await this.podUid();
    const pids = readdirSync("/proc").filter((entry) => /^\d+$/.test(entry));
    const found = pids.find((pid) => {
      try {
        const program = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0")[0] ?? "";
        return program.endsWith("vault") && readFileSync(`/proc/${pid}/cgroup`, "utf8").includes(uid);
      } catch {
        // It ended while it was looked at.
        return false;
      }
    });
    if (found === undefined) throw new Error(`no process of Vault in pod ${uid}`);
    return Number(found);
  }

  private async podUid(): Promise<string> {
    const pod = ["-n", this.namespace, "get", "pod", "vault-0", "--ignore-not-found", "-o", "jsonpath={.metadata.uid}"];
    return this.stack.kubectl(...pod);
  }

  private podPath(path: string): string {
    return `/api/v1/namespaces/${this.namespace}/pods/vault-0:8200/proxy/v1/${path}`;
  }

  private async removeObjects(): Promise<void> {
    const namespaces = [
      this.namespace,
      this.webAppNamespace,
      this.demoAppNamespace,
      this.postgresNamespace,
      this.databaseAppNamespace,
    ];
    await this.stack.kubectl("delete", "namespace", ...namespaces, "--ignore-not-found", "--wait");
    const binding = `${this.namespace}-vault-server-binding`;
    await this.stack.kubectl("delete", "clusterrolebinding", binding, "--ignore-not-found");
  }
}
