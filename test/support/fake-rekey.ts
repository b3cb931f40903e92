import { randomBytes, randomUUID } from "node:crypto";
import { readKey } from "openpgp";
import type { VaultStorage } from "./fake-vault.ts";
import { encryptTo, refuse } from "./fake-answers.ts";
import type { Reply } from "./wire.ts";

interface Operation {
  readonly nonce: string;
  readonly shares: number;
  readonly threshold: number;
  readonly recipients: readonly string[];
  readonly fingerprints: readonly string[];
  readonly backup: boolean;
  readonly verification: boolean;
  progress: string[];
  made: {
    verificationNonce: string;
    readonly shares: readonly string[];
    /** The shares, encrypted. */
    messages: readonly string[];
    progress: string[];
  } | null;
}

/** Vault's replacing of keys, by its own rules; the operation is in memory, its backup on the volume. */
export class FakeRekey {
  #operation: Operation | null = null;
  /** What Vault prints about it. */
  log = "";
  /** Every set of shares that was taken into use, encrypted, in order. */
  readonly taken: (readonly string[])[] = [];
  /** Told of every secret it makes. */
  readonly #keep: (secret: string) => void;

  constructor(keep: (secret: string) => void) {
    this.#keep = keep;
  }

  /** What a restart does. */
  forget(): void {
    this.#operation = null;
  }

  get underWay(): boolean {
    return this.#operation !== null;
  }

  /** What holders do with their shares: they give them to whatever is under way. */
  async give(storage: VaultStorage, shares: readonly string[]): Promise<void> {
    for (const key of shares) {
      const made = this.#operation?.made;
      const nonce = made?.verificationNonce ?? this.#operation?.nonce;
      await this.answer(storage, "PUT", made == null ? "update" : "verify", { key, nonce });
    }
  }

  async answer(storage: VaultStorage, method: string, path: string, body: Record<string, unknown>): Promise<Reply> {
    if (path === "init") {
      if (method === "GET") return this.#status(storage);
      return method === "DELETE" ? this.#cancel(body) : this.#start(storage, body);
    }
    if (path === "update") return this.#update(storage, body);
    if (path === "verify") return this.#verify(storage, body);
    if (method === "DELETE") {
      storage.backup = null;
      return { status: 204 };
    }
    return storage.backup === null
      ? refuse(400, "no backed-up keys found")
      : { status: 200, body: { data: storage.backup } };
  }

  #status(storage: VaultStorage): Reply {
    const found = this.#operation;
    return {
      status: 200,
      body: {
        nonce: found?.nonce ?? "",
        started: found !== null,
        t: found?.threshold ?? 0,
        n: found?.shares ?? 0,
        progress: found?.progress.length ?? 0,
        required: storage.threshold,
        pgp_fingerprints: found?.fingerprints ?? null,
        backup: found?.backup ?? false,
        verification_required: found?.verification ?? false,
        ...(found?.made != null && { verification_nonce: found.made.verificationNonce }),
      },
    };
  }

  async #start(storage: VaultStorage, body: Record<string, unknown>): Promise<Reply> {
    if (this.#operation !== null) return refuse(400, "rekey already in progress");
    const recipients = (body["pgp_keys"] ?? []) as string[];
    // Taken before anything else can happen: two requests at once must not both succeed.
    const operation = {
      nonce: randomUUID(),
      shares: Number(body["secret_shares"]),
      threshold: Number(body["secret_threshold"]),
      recipients,
      fingerprints: [] as string[],
      backup: body["backup"] === true,
      verification: body["require_verification"] === true,
      progress: [],
      made: null,
    };
    this.#operation = operation;
    this.log += `[INFO]  core: rekey initialized: nonce=${operation.nonce} shares=${operation.shares}\n`;
    for (const key of recipients) {
      operation.fingerprints.push((await readKey({ binaryKey: Buffer.from(key, "base64") })).getFingerprint());
    }
    return this.#status(storage);
  }

  #cancel(body: Record<string, unknown>): Reply {
    if (this.#operation !== null && this.#operation.nonce !== body["nonce"]) return refuse(400, "invalid request");
    this.#operation = null;
    return { status: 204 };
  }

  async #update(storage: VaultStorage, body: Record<string, unknown>): Promise<Reply> {
    const operation = this.#operation;
    if (operation === null) return refuse(400, "no barrier rekey in progress");
    if (operation.made !== null) return refuse(400, "rekey operation already finished; verification must be performed");
    if (operation.nonce !== body["nonce"]) return refuse(400, "incorrect nonce supplied");
    const share = String(body["key"]);
    if (operation.progress.includes(share)) {
      return refuse(400, "given key has already been provided during this generation operation");
    }
    operation.progress.push(share);
    if (operation.progress.length < storage.threshold) return this.#status(storage);
    const right = operation.progress.every((given) => storage.shares.includes(given));
    operation.progress = [];
    if (!right) return refuseShares(storage);
    const shares = operation.recipients.map(() => randomBytes(33).toString("hex"));
    shares.forEach(this.#keep);
    if (!operation.verification) {
      // Nobody in this project begins one like that: its keys are in use before anybody has them.
      storage.shares = shares;
      storage.threshold = operation.threshold;
      this.#operation = null;
      return { status: 200, body: { complete: true, nonce: operation.nonce } };
    }
    operation.made = { verificationNonce: randomUUID(), shares, messages: [], progress: [] };
    const messages = await Promise.all(shares.map((made, index) => encryptTo(operation.recipients[index] ?? "", made)));
    operation.made.messages = messages;
    if (operation.backup) {
      const keys: Record<string, string[]> = {};
      messages.forEach((message, index) => (keys[operation.fingerprints[index] ?? ""] ??= []).push(message));
      storage.backup = { nonce: operation.nonce, keys_base64: keys };
    }
    return {
      status: 200,
      body: {
        complete: true,
        nonce: operation.nonce,
        keys_base64: messages,
        verification_required: true,
        verification_nonce: operation.made.verificationNonce,
      },
    };
  }

  #verify(storage: VaultStorage, body: Record<string, unknown>): Reply {
    const operation = this.#operation;
    if (operation === null) return refuse(400, "no rekey in progress");
    const { made } = operation;
    if (made === null) return refuse(400, "no rekey verification in progress");
    if (made.verificationNonce !== body["nonce"]) return refuse(400, "incorrect nonce supplied");
    const share = String(body["key"]);
    if (made.progress.includes(share)) {
      return refuse(400, "given key has already been provided during this verify operation");
    }
    made.progress.push(share);
    const status = { nonce: made.verificationNonce, started: true, t: operation.threshold, n: operation.shares };
    if (made.progress.length < operation.threshold) {
      return { status: 200, body: { ...status, progress: made.progress.length } };
    }
    const right = made.progress.every((given) => made.shares.includes(given));
    made.progress = [];
    if (!right) {
      made.verificationNonce = randomUUID();
      return refuse(400, "rekey verification failed; incorrect key shares supplied");
    }
    storage.shares = [...made.shares];
    storage.threshold = operation.threshold;
    storage.rekeys += 1;
    this.taken.push(made.messages);
    this.log += `[INFO]  core: security barrier rekeyed: stored=1 shares=${operation.shares}\n`;
    this.#operation = null;
    return { status: 200, body: { complete: true, nonce: status.nonce } };
  }
}

/** Vault's words for shares that make another key, as of 1.21. */
function refuseShares({ seal }: VaultStorage): Reply {
  return seal === "shamir"
    ? refuse(
        500,
        "failed to read root key: invalid key: failed to decrypt keys from storage: cipher: message authentication failed",
      )
    : refuse(400, "recovery key verification failed: recovery key does not match submitted values");
}
