import { execFile, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import type { LiveStack } from "./live-stack.ts";

const run = promisify(execFile);

/** What holders are asked to give a share to, by the words of the runbook's table. */
export type Request =
  "shares to unseal a pod" | "shares of the keys in use" | "shares of the new keys" | "shares to make a root token";

/** A person with a PGP key in a keyring of their own, who follows the runbook as it is written. */
export class ShareHolder {
  readonly address: string;
  readonly #home: string;

  private constructor(address: string, home: string) {
    this.address = address;
    this.#home = home;
  }

  /** Makes the person's key pair. The keyring is in memory. */
  static async create(name: string): Promise<ShareHolder> {
    const holder = new ShareHolder(`${name}@example.com`, mkdtempSync(join("/dev/shm", "vaultstack-holder-")));
    const batch = ["--batch", "--quiet", "--passphrase", ""];
    await holder.#gpg(...batch, "--quick-generate-key", holder.address, "rsa2048", "sign,cert", "never");
    await holder.#gpg(...batch, "--quick-add-key", await holder.fingerprint(), "rsa2048", "encr", "never");
    return holder;
  }

  async fingerprint(): Promise<string> {
    const listing = (await this.#gpg("--list-keys", "--with-colons", this.address)).toString();
    return /^fpr:+([0-9A-F]{40}):/m.exec(listing)?.[1] ?? "";
  }

  /** What the setting `custody.holders` takes. */
  async publicKey(): Promise<string> {
    return (await this.#gpg("--export", this.address)).toString("base64");
  }

  /**
   * Gives this person's share, with the commands of the guide.
   * @param nonce That of the message; empty to unseal.
   */
  async give(stack: LiveStack, request: Request, nonce = ""): Promise<string> {
    const script = `${functionInGuide()}\n${commandInGuide(request)}`
      .replaceAll("-n vault ", `-n ${stack.namespace} `)
      .replaceAll("<your address>", this.address)
      .replaceAll("<nonce>", nonce);
    return forwarding(stack, async (address) => {
      const { stdout } = await run("bash", ["-euo", "pipefail", "-c", script], {
        env: { ...stack.environmentOfCommands(), VAULT_ADDR: address, GNUPGHOME: this.#home },
      });
      return stdout;
    });
  }

  forget(): void {
    rmSync(this.#home, { recursive: true, force: true });
  }

  async #gpg(...args: readonly string[]): Promise<Buffer> {
    const { stdout } = await run("gpg", args, { env: { ...process.env, GNUPGHOME: this.#home }, encoding: "buffer" });
    return stdout;
  }
}

/** The page that messages about missing shares point to. */
function runbook(): string {
  return readFileSync(join(import.meta.dirname, "..", "..", "docs", "runbooks", "missing-shares.md"), "utf8");
}

function functionInGuide(): string {
  const [, block] = /^```\n([^]*?)^```/m.exec(runbook()) ?? [];
  if (block === undefined) throw new Error("docs/runbooks/missing-shares.md: must have a block of commands");
  return block;
}

function commandInGuide(request: Request): string {
  const row = runbook()
    .split("\n")
    .find((line) => line.startsWith(`| ${request}`));
  const [, command] = /`(mine .*)`/.exec(row ?? "") ?? [];
  if (command === undefined) throw new Error(`docs/runbooks/missing-shares.md: must say how to give ${request}`);
  // A table escapes the pipe.
  return command.replaceAll("\\|", "|");
}

/** The port-forward the guide asks for, on a port that is free. */
async function forwarding<Result>(stack: LiveStack, work: (address: string) => Promise<Result>): Promise<Result> {
  const child = spawn("kubectl", ["-n", stack.namespace, "port-forward", "vault-0", ":8200"], {
    env: stack.environmentOfCommands(),
    stdio: ["ignore", "pipe", "ignore"],
  });
  try {
    const opened = await new Promise<Buffer>((resolve, reject) => {
      child.stdout.once("data", resolve);
      child.once("exit", () => {
        reject(new Error("kubectl port-forward ended before it listened"));
      });
    });
    const [, port = ""] = /127\.0\.0\.1:(\d+)/.exec(opened.toString()) ?? [];
    return await work(`http://127.0.0.1:${port}`);
  } finally {
    child.kill();
  }
}
