import { execFileSync } from "node:child_process";
import { closeSync, openSync, readdirSync, readFileSync } from "node:fs";
import { z } from "zod";
import { changesIn, type EngineChanges } from "./engine-changes.ts";
import { eventually } from "./live-stack.ts";
import { type CommandRun, PersonShell } from "./person-shell.ts";

const sealStatus = z.object({ initialized: z.boolean(), sealed: z.boolean() });
const namespace = "vault";

/** What is done with a stack through its npm scripts. */
export type ShippedAction = "preview" | "up" | "refresh" | "destroy";

/** How one of them ended. */
export interface ShippedRun extends CommandRun {
  /** What it did, or would do; null when it ended before it knew. */
  readonly changes: EngineChanges | null;
}

/** Takes a fault away again. */
export type Mend = () => void;

/**
 * A stack of the project as it is shipped, on the sandbox: its tracked settings, through `npm run …` as a person runs
 * it, with previews and the policy pack. There is one of each in a cluster.
 */
export class ShippedStack {
  readonly shell = new PersonShell(process.cwd());
  readonly name: "dev" | "ha";
  readonly pods: readonly string[];

  constructor(name: "dev" | "ha") {
    this.name = name;
    this.pods = name === "ha" ? ["vault-0", "vault-1", "vault-2"] : ["vault-0"];
  }

  async run(action: ShippedAction, ...flags: readonly string[]): Promise<ShippedRun> {
    const run = await this.shell.run(`npm run ${action} -- ${[this.name, ...flags].join(" ")}`);
    return { ...run, changes: changesOf(run.output) };
  }

  /** Gives the shell what a person gives theirs. */
  async makeShellReady(): Promise<void> {
    const ready = await this.shell.run(`eval "$(npm run -s sandbox -- env --stack ${this.name})"`);
    if (ready.code !== 0) throw new Error(ready.output);
  }

  async kubectl(...args: readonly string[]): Promise<string> {
    const words = args.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ");
    const { code, stdout, output } = await this.shell.run(`kubectl ${words}`);
    if (code !== 0) throw new Error(`kubectl ${words}: ${output}`);
    return stdout;
  }

  /** Whether a server is sealed by its own word; null when it says nothing. */
  async isSealed(pod: string): Promise<boolean | null> {
    const scheme = this.name === "ha" ? "https:" : "";
    const path = `/api/v1/namespaces/${namespace}/pods/${scheme}${pod}:8200/proxy/v1/sys/seal-status`;
    const { code, stdout } = await this.shell.run(`timeout 5 kubectl get --raw ${path}`);
    return code === 0 ? sealStatus.parse(JSON.parse(stdout)).sealed : null;
  }

  /** Deletes pods and waits until their successors answer, sealed. */
  async restart(pods: readonly string[]): Promise<void> {
    await this.kubectl("-n", namespace, "delete", "pod", ...pods, "--wait");
    for (const pod of pods) await eventually(`${pod} answers, sealed`, async () => (await this.isSealed(pod)) === true);
  }

  /** Stops the servers in their tracks: they hold their connections and answer nothing. */
  async freeze(pods: readonly string[]): Promise<Mend> {
    const pids = await Promise.all(pods.map((pod) => this.process(pod)));
    for (const pid of pids) process.kill(pid, "SIGSTOP");
    return () => {
      for (const pid of pids) {
        attempt(() => {
          process.kill(pid, "SIGCONT");
        });
      }
    };
  }

  /** Drops everything that would reach the servers, by whatever way. */
  async cutOff(pods: readonly string[]): Promise<Mend> {
    const pids = await Promise.all(pods.map((pod) => this.process(pod)));
    // The pod's, which outlives a server that the kubelet restarts because it does not answer.
    const networks = pids.map((pid) => openSync(`/proc/${pid}/ns/net`, "r"));
    const change = (network: number, verb: string): void => {
      const rule = [verb, "INPUT", "--protocol", "tcp", "--dport", "8200:8201", "--jump", "DROP"];
      execFileSync("nsenter", [`--net=/proc/${process.pid}/fd/${network}`, "iptables", "--wait", ...rule]);
    };
    for (const network of networks) change(network, "--insert");
    return () => {
      for (const network of networks) {
        attempt(() => {
          change(network, "--delete");
        });
        closeSync(network);
      }
    };
  }

  /** Vault's process of a pod on this machine, which is the node. */
  async process(pod: string): Promise<number> {
    const uid = await this.kubectl("-n", namespace, "get", "pod", pod, "-o", "jsonpath={.metadata.uid}");
    const found = readdirSync("/proc").find((pid) => {
      try {
        const program = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0")[0] ?? "";
        return program.endsWith("vault") && readFileSync(`/proc/${pid}/cgroup`, "utf8").includes(uid);
      } catch {
        // It ended while it was looked at, or is no process.
        return false;
      }
    });
    if (found === undefined) throw new Error(`no process of Vault in ${pod}`);
    return Number(found);
  }
}

function changesOf(output: string): EngineChanges | null {
  try {
    return changesIn(output);
  } catch {
    return null;
  }
}

/** The pod may be gone by then, and its fault with it. */
function attempt(mend: () => void): void {
  try {
    mend();
  } catch {
    return;
  }
}
