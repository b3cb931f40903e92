import { X509Certificate } from "node:crypto";
import { get } from "node:https";
import { connect } from "node:tls";
import { eventually, type LiveStack } from "./live-stack.ts";

/** What the pods of a cluster serve, and what they were given; it shares no code with the product. */
export class ServedFiles {
  readonly #stack: LiveStack;
  readonly #pods: readonly string[];

  constructor(stack: LiveStack, pods: readonly string[]) {
    this.#stack = stack;
    this.#pods = pods;
  }

  /** SHA-256 of the certificate in a Secret. */
  async given(secret = "vault-tls"): Promise<string> {
    const data = await this.#get("secret", secret, "{.data.tls\\.crt}");
    return new X509Certificate(Buffer.from(data, "base64")).fingerprint256;
  }

  /** SHA-256 of what each pod serves at its own address, in their order. */
  async served(): Promise<string[]> {
    return Promise.all(
      this.#pods.map(async (pod) => {
        const host = await this.#get("pod", pod, "{.status.podIP}");
        return new Promise<string>((resolve, reject) => {
          const socket = connect({ host, port: 8200, rejectUnauthorized: false });
          socket.setTimeout(5_000, () => socket.destroy(new Error("no answer")));
          socket.once("error", reject);
          socket.once("secureConnect", () => {
            resolve(socket.getPeerX509Certificate()?.fingerprint256 ?? "");
            socket.destroy();
          });
        });
      }),
    );
  }

  /** Waits until each pod serves what the Secret holds, without doing anything for it. */
  async follow(secret: string): Promise<void> {
    const given = await this.given(secret);
    const what = `every pod serves what the Secret ${secret} holds`;
    // The kubelet looks at each pod once in a minute and a half at most.
    await eventually(what, async () => (await this.served()).every((served) => served === given), 180);
  }

  /** Who the pods are and how often each of their containers was started anew: the same as long as nothing restarts. */
  async starts(): Promise<string> {
    const what = "{.metadata.uid}{range .status.containerStatuses[*]} {.name}={.restartCount}{end}";
    return (await Promise.all(this.#pods.map((pod) => this.#get("pod", pod, what)))).join("\n");
  }

  #get(kind: string, name: string, path: string): Promise<string> {
    return this.#stack.kubectl("-n", this.#stack.namespace, "get", kind, name, "-o", `jsonpath=${path}`);
  }
}

/** Who reads, where, and as whom. */
export interface ReaderArgs {
  /** Base URL. */
  readonly address: string;
  /** Name the certificate is verified against. */
  readonly servername: string;
  /** Path of a secret below `/v1/`. */
  readonly path: string;
  readonly token: string;
}

/** A client that reads a secret five times a second, each time over a new connection, and trusts one bundle. */
export class SecretReader {
  /** What it trusts now: its owner hands it another bundle when there is one. */
  bundle: string;
  readonly #args: ReaderArgs;
  readonly #failed: string[] = [];
  readonly #under: Promise<void>[] = [];
  readonly #timer: NodeJS.Timeout;
  #count = 0;
  #slowest = 0;

  constructor(bundle: string, args: ReaderArgs) {
    this.bundle = bundle;
    this.#args = args;
    this.#timer = setInterval(() => this.#under.push(this.#read()), 200);
  }

  /** Ends it, and says what came of it: how many reads, the slowest in milliseconds, and those that failed. */
  async stop(): Promise<{ readonly count: number; readonly slowest: number; readonly failed: readonly string[] }> {
    clearInterval(this.#timer);
    await Promise.all(this.#under);
    return { count: this.#count, slowest: this.#slowest, failed: this.#failed };
  }

  async #read(): Promise<void> {
    const begun = Date.now();
    this.#count++;
    try {
      await readOnce(this.bundle, this.#args);
    } catch (error) {
      this.#failed.push(`${new Date().toISOString()} ${error instanceof Error ? error.message : String(error)}`);
    }
    this.#slowest = Math.max(this.#slowest, Date.now() - begun);
  }
}

/** One read over a new connection; rejects when the certificate is not trusted or the answer is no secret. */
export function readOnce(ca: string, { address, servername, path, token }: ReaderArgs): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = { "X-Vault-Token": token };
    const request = get(
      `${address}/v1/${path}`,
      { ca, servername, headers, agent: false, timeout: 5_000 },
      (answer) => {
        answer.resume();
        answer.once("end", () => {
          if (answer.statusCode === 200) resolve();
          else reject(new Error(`status ${answer.statusCode ?? 0}`));
        });
      },
    );
    request.once("timeout", () => request.destroy(new Error("no answer for 5 s")));
    request.once("error", reject);
  });
}
