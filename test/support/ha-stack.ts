import { once } from "node:events";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { join } from "node:path";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { z } from "zod";
import { DevStack, seededPassword } from "./dev-stack.ts";
import { asRoot, makeRootToken } from "./emergency-root.ts";
import { eventually, type LiveStack } from "./live-stack.ts";
import { secretsOf, type StackSecrets } from "./plaintext.ts";
import { patiently, vaultAt, type VaultClient } from "./vault-client.ts";

const workload = z.object({
  demo: z.object({
    webAppNamespace: z.string(),
    webAppAudience: z.string(),
    webAppAuthPath: z.string(),
    webAppRole: z.string(),
  }),
});
const sealStatus = z.object({
  initialized: z.boolean(),
  sealed: z.boolean(),
  cluster_id: z.string().optional(),
  removed_from_cluster: z.boolean().optional(),
});
const leaderStatus = z.object({ is_self: z.boolean() });
const configuration = z.object({
  data: z.object({
    config: z.object({ servers: z.array(z.object({ node_id: z.string(), voter: z.boolean(), leader: z.boolean() })) }),
  }),
});
const autopilot = z.object({
  data: z.object({
    healthy: z.boolean(),
    failure_tolerance: z.number(),
    servers: z.record(z.string(), z.object({ last_contact: z.string() })),
  }),
});

/** A cluster of Vault servers under names and ports of its own, with what tests ask of it over and over. */
export class HaStack {
  readonly dev: DevStack;
  readonly stack: LiveStack;
  readonly namespace: string;

  /** With a seal that opens Vault by itself servers do not come back sealed. */
  private readonly opensByItself: boolean;
  private readonly nodePort: number;

  private constructor(dev: DevStack, opensByItself: boolean, nodePort: number) {
    this.dev = dev;
    this.opensByItself = opensByItself;
    this.nodePort = nodePort;
    this.stack = dev.stack;
    this.namespace = dev.namespace;
  }

  /**
   * Makes the stack without deploying it. The sandbox has one machine, so its servers share it, and one gateway, so
   * none has it.
   */
  static async create(
    name: string,
    ports: { readonly vault: number; readonly webApp: number },
    config: Readonly<Record<string, unknown>> = {},
  ): Promise<HaStack> {
    return new HaStack(
      await DevStack.create(name, ports, {
        server: "raft",
        raftSpread: "preferred",
        passthrough: { kind: "none" },
        ...config,
      }),
      config["seal"] !== undefined,
      ports.vault,
    );
  }

  /** Removes everything, however far the test came. */
  async remove(): Promise<void> {
    await this.dev.remove();
  }

  /** Makes this process trust the exported authorities, and nothing else for this Vault. */
  async trust(): Promise<void> {
    const { vaultCaCertificate } = z.object({ vaultCaCertificate: z.string() }).parse(await this.stack.outputs());
    const bundle = vaultCaCertificate.split(/(?<=-----END CERTIFICATE-----)\s*/).filter((part) => part !== "");
    setDefaultCACertificates([...getCACertificates("bundled"), ...bundle]);
  }

  /** A client with the stack's own login. */
  async admin(): Promise<VaultClient> {
    await this.trust();
    return patiently(() => this.dev.admin());
  }

  /** What the web app logs in with, and so may read its secret. */
  async workloadToken(): Promise<string> {
    await this.trust();
    const { demo } = workload.parse(await this.stack.outputs());
    const { webAppNamespace, webAppAudience, webAppAuthPath, webAppRole } = demo;
    const account = ["-n", webAppNamespace, "create", "token", "webapp", `--audience=${webAppAudience}`];
    const jwt = (await this.stack.kubectl(...account)).trim();
    // The machine knows no address of a host outside, so a node port does for the login.
    return vaultAt(`https://127.0.0.1:${this.nodePort}`).loginKubernetes(webAppAuthPath, webAppRole, jwt);
  }

  /** Does something as root, the way an operator would in an emergency. */
  async asRoot<Result>(work: (root: VaultClient, token: string) => Promise<Result>): Promise<Result> {
    const { address, shares } = await this.emergency();
    return asRoot(address, shares, work);
  }

  /** Makes a root token that nobody gives back: for what takes every token of the Vault away. */
  async rootToken(): Promise<string> {
    const { address, shares } = await this.emergency();
    return makeRootToken(address, shares);
  }

  private async emergency(): Promise<{ readonly address: string; readonly shares: readonly string[] }> {
    await this.trust();
    const { address } = await this.dev.vault();
    await patiently(() => vaultAt(address).sealStatus());
    return { address, shares: (await this.secrets()).shares };
  }

  /** What nobody but the stack's owner may read of it. */
  async secrets(): Promise<StackSecrets> {
    return secretsOf(this.stack, seededPassword);
  }

  /** A token by the stack's own login. */
  async token(): Promise<string> {
    await this.trust();
    const { address } = await this.dev.vault();
    return (await this.secrets()).login(address);
  }

  /** Addresses of pods, by name. */
  async addresses(pods: readonly string[]): Promise<Record<string, string>> {
    const address = ["-o", "jsonpath={.status.podIP}"];
    const pairs = pods.map(async (pod): Promise<[string, string]> => {
      return [pod, await this.stack.kubectl("-n", this.namespace, "get", "pod", pod, ...address)];
    });
    return Object.fromEntries(await Promise.all(pairs));
  }

  /**
   * Status of a request to one server and no other, whatever the Services say; 0 when it does not answer in five
   * seconds.
   */
  async statusAt(pod: string, token: string, method: string, path: string, body: object): Promise<number> {
    const { [pod]: host = "" } = await this.addresses([pod]);
    const { vaultCaCertificate: ca } = z.object({ vaultCaCertificate: z.string() }).parse(await this.stack.outputs());
    const servername = `${pod}.vault-internal.${this.namespace}.svc`;
    const options = { host, port: 8200, servername, ca, method, path: `/v1/${path}`, timeout: 5_000, agent: false };
    const asked = request({ ...options, headers: { "X-Vault-Token": token, "X-Vault-No-Request-Forwarding": "true" } });
    asked.on("timeout", () => asked.destroy(new Error("no answer")));
    const answered = once(asked, "response");
    asked.end(JSON.stringify(body));
    try {
      const [response] = z.tuple([z.object({ statusCode: z.number() })]).parse(await answered);
      return response.statusCode;
    } catch {
      return 0;
    } finally {
      asked.destroy();
    }
  }

  /** Initialises one server as somebody with access to the cluster could. */
  async initialize(pod: string): Promise<void> {
    await this.podRequest(pod, "sys/init", { secret_shares: 1, secret_threshold: 1 });
  }

  /** Gives one share to one server; a wrong set of them is refused, which is no error here. */
  async giveShare(pod: string, key: string): Promise<void> {
    await this.podRequest(pod, "sys/unseal", { key }).catch(() => undefined);
  }

  private async podRequest(pod: string, path: string, body: object): Promise<void> {
    const create = ["create", "--raw", this.podPath(pod, path), "-f", "-"];
    await this.stack.kubectlWithInput(JSON.stringify(body), ...create);
  }

  /** The runbook `lost-quorum`, way 2: makes one server the whole cluster, which the others then join. */
  async makeWholeCluster(pod: string): Promise<void> {
    const folder = await this.dataFolder(pod);
    const address = `${pod}.vault-internal.${this.namespace}.svc:8201`;
    const peers = [{ id: pod, address, non_voter: false }];
    writeFileSync(join(folder, "raft", "peers.json"), JSON.stringify(peers), { mode: 0o644 });
    await this.stack.kubectl("-n", this.namespace, "delete", "pod", pod, "--wait");
    await eventually(`${pod} answers again`, async () => (await this.sealStatus(pod)).sealed);
  }

  /** The data volume of a pod as it lies on the machine. */
  private async dataFolder(pod: string): Promise<string> {
    const claim = ["-n", this.namespace, "get", "pvc", `data-${pod}`, "-o", "jsonpath={.spec.volumeName}"];
    const volume = await this.stack.kubectl(...claim);
    return this.stack.kubectl("get", "pv", volume, "-o", "jsonpath={.spec.local.path}{.spec.hostPath.path}");
  }

  /** Who belongs to the cluster, as its leader says. */
  async servers(): Promise<z.infer<typeof configuration>["data"]["config"]["servers"]> {
    const admin = await this.admin();
    const answer = await patiently(() => admin.request("GET", "sys/storage/raft/configuration"));
    return configuration.parse(answer).data.config.servers;
  }

  /** Names of the servers that vote. */
  async voters(): Promise<string[]> {
    return (await this.servers())
      .filter(({ voter }) => voter)
      .map((server) => server.node_id)
      .sort();
  }

  /** What the cluster says of its own health. */
  async health(): Promise<z.infer<typeof autopilot>["data"]> {
    const admin = await this.admin();
    return autopilot.parse(await patiently(() => admin.request("GET", "sys/storage/raft/autopilot/state"))).data;
  }

  /** For how many seconds the leader has not heard of a server. */
  async silence(pod: string): Promise<number> {
    const { last_contact: text = "" } = (await this.health()).servers[pod] ?? {};
    const parts = [...text.matchAll(/([\d.]+)(h|ms|m|s|µs)/g)];
    const seconds: Readonly<Record<string, number>> = { h: 3600, m: 60, s: 1 };
    return parts.reduce((sum, [, count, unit]) => sum + Number(count) * (seconds[unit ?? ""] ?? 0), 0);
  }

  /** Gives a server the shares, the way a person would. */
  async unseal(pod: string): Promise<void> {
    const { shares } = await this.secrets();
    for (const share of shares) {
      if ((await this.sealStatus(pod)).sealed) await this.giveShare(pod, share);
    }
  }

  /** The word of one server, sealed or not. */
  async sealStatus(pod: string): Promise<z.infer<typeof sealStatus>> {
    return sealStatus.parse(JSON.parse(await this.stack.kubectl("get", "--raw", this.podPath(pod, "sys/seal-status"))));
  }

  /** Identities of the clusters the servers belong to: one, unless something went very wrong. */
  async clusters(pods: readonly string[]): Promise<string[]> {
    const ids = await Promise.all(pods.map(async (pod) => (await this.sealStatus(pod)).cluster_id ?? "sealed"));
    return [...new Set(ids)];
  }

  /** The pod that leads. */
  async leader(pods: readonly string[]): Promise<string> {
    for (const pod of pods) {
      const answer = await this.stack.kubectl("get", "--raw", this.podPath(pod, "sys/leader")).catch(() => "{}");
      if (leaderStatus.safeParse(JSON.parse(answer)).data?.is_self === true) return pod;
    }
    throw new Error(`none of ${pods.join(", ")} leads`);
  }

  /** Deletes pods, gracefully unless told otherwise, and waits until their successors answer. */
  async restart(pods: readonly string[], ...flags: string[]): Promise<void> {
    const before = await Promise.all(pods.map((pod) => this.uid(pod)));
    await this.stack.kubectl("-n", this.namespace, "delete", "pod", ...pods, ...flags);
    await eventually(`${pods.join(", ")} answer again`, async () => {
      const now = await Promise.all(pods.map((pod) => this.uid(pod)));
      const statuses = await Promise.all(pods.map((pod) => this.sealStatus(pod)));
      const isThere = this.opensByItself || statuses.every(({ sealed }) => sealed);
      return isThere && now.every((uid, index) => uid !== "" && uid !== before[index]);
    });
  }

  /** Kills the server in a pod without a word, as a crash would, and waits until its container runs again, sealed. */
  async kill(pod: string): Promise<void> {
    const names = [`VAULT_K8S_POD_NAME=${pod}`, `VAULT_K8S_NAMESPACE=${this.namespace}`];
    const servers = readdirSync("/proc").filter((entry) => {
      try {
        const variables = readFileSync(`/proc/${entry}/environ`, "utf8").split("\0");
        return /^\d+$/.test(entry) && names.every((name) => variables.includes(name));
      } catch {
        // It ended while it was looked at.
        return false;
      }
    });
    if (servers.length !== 1) throw new Error(`${servers.length} processes look like the server of ${pod}`);
    process.kill(Number(servers[0]), "SIGKILL");
    await eventually(`${pod} answers again`, async () => (await this.sealStatus(pod)).sealed);
  }

  /** Deletes the data of pods together with them, and waits until they answer on empty volumes. */
  async loseVolumes(pods: readonly string[]): Promise<void> {
    const claims = pods.map((pod) => `data-${pod}`);
    await this.stack.kubectl("-n", this.namespace, "delete", "pvc", ...claims, "--wait=false");
    await this.restart(pods);
  }

  /** How often storage was initialised, by the logs of each pod's container and of the one before it. */
  async inits(pods: readonly string[]): Promise<number> {
    const logs = await Promise.all(
      pods.map(async (pod) => {
        const log = ["-n", this.namespace, "logs", pod];
        const former = await this.stack.kubectl(...log, "--previous").catch(() => "");
        return `${former}\n${await this.stack.kubectl(...log)}`;
      }),
    );
    return logs
      .join("\n")
      .split("\n")
      .filter((line) => line.includes("security barrier initialized")).length;
  }

  private async uid(pod: string): Promise<string> {
    const object = ["-n", this.namespace, "get", "pod", pod, "--ignore-not-found", "-o", "jsonpath={.metadata.uid}"];
    return this.stack.kubectl(...object);
  }

  private podPath(pod: string, path: string): string {
    return `/api/v1/namespaces/${this.namespace}/pods/https:${pod}:8200/proxy/v1/${path}`;
  }
}

/** A client that writes one value after the other, and what came of it. */
export interface Writer {
  /** Resolves once a write that begins after this call was acknowledged. */
  resumed(): Promise<void>;
  /** Ends the writing and says which writes were acknowledged, and the longest time without one, in milliseconds. */
  stop(): Promise<{ readonly acknowledged: readonly number[]; readonly outage: number }>;
}

/** Starts to write numbered secrets below a name; a write that fails is not repeated. */
export function startWriting(client: VaultClient, name: string): Writer {
  const acknowledged: number[] = [];
  let last = Date.now();
  let outage = 0;
  let begun = 0;
  const stopped = new AbortController();
  const done = (async () => {
    for (let number = 0; !stopped.signal.aborted; number++) {
      begun = number;
      const status = await Promise.race([
        client.status("POST", `secret/data/${name}/${number}`, { data: { number: String(number) } }).catch(() => 0),
        new Promise<number>((resolve) => setTimeout(resolve, 1_000, 0)),
      ]);
      if (status === 200) {
        outage = Math.max(outage, Date.now() - last);
        last = Date.now();
        acknowledged.push(number);
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  })();
  return {
    resumed: async () => {
      const before = begun;
      await eventually("a write is acknowledged again", () => Promise.resolve((acknowledged.at(-1) ?? 0) > before));
    },
    stop: async () => {
      stopped.abort();
      await done;
      return { acknowledged, outage: Math.max(outage, Date.now() - last) };
    },
  };
}
