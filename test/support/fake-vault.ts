import { randomBytes, randomUUID } from "node:crypto";
import { readKey } from "openpgp";
import type { SealType } from "../../protocol/keys/seal-type.ts";
import { encryptTo, refuse } from "./fake-answers.ts";
import type { EngineRequest } from "./fake-database-engine.ts";
import { FakeRekey } from "./fake-rekey.ts";
import { type Received, type Reply, WireServer } from "./wire.ts";

/** What is on a Vault's volume: it survives the process. */
export interface VaultStorage {
  shares: string[];
  threshold: number;
  clusterId: string;
  initialized: boolean;
  /** True when a crash left the storage half initialised. */
  broken: boolean;
  tokens: Map<string, string[]>;
  /** What Vault knows of each token besides. */
  tokenDetails: Map<string, { readonly accessor: string; readonly path: string; readonly creation_time: number }>;
  policies: Map<string, string>;
  mounts: Map<string, string>;
  roles: Map<string, { roleId: string; policies: string[]; secretIds: Map<string, string> }>;
  /** New shares, encrypted, that a rekey left for whoever may read them. */
  backup: { readonly nonce: string; readonly keys_base64: Readonly<Record<string, readonly string[]>> } | null;
  /** How often the keys were replaced. */
  rekeys: number;
  /** What keeps the root key. */
  seal: SealType;
}

/** An empty volume. */
export function emptyStorage(): VaultStorage {
  return {
    shares: [],
    threshold: 0,
    clusterId: "",
    initialized: false,
    broken: false,
    tokens: new Map(),
    tokenDetails: new Map(),
    policies: new Map(),
    mounts: new Map([["token/", "token"]]),
    roles: new Map(),
    backup: null,
    rekeys: 0,
    seal: "shamir",
  };
}

/**
 * Vault's API as this project uses it, over a real socket, with Vault's own rules for initialising, unsealing,
 * generate-root and AppRole. Shares are random and not split from one key: what is tested is who may hold and send
 * them, not Shamir's arithmetic.
 */
export class FakeVault {
  readonly server = new WireServer("vault", (request) => this.#answer(request));
  storage = emptyStorage();
  sealed = true;
  removed = false;
  /** True for Vault 2.x, which wants a login for making root tokens and for replacing keys. */
  wantsLoginForKeys = false;
  /**
   * The seal in its configuration, read when it starts. With another than `shamir` it opens by itself, if it is its
   * own.
   */
  configuredSeal: SealType = "shamir";
  /** Whether the service behind its seal answers. */
  sealReachable = true;
  /**
   * What it is while the network keeps it from the others: a standby that sees no leader, or a leader of nobody that
   * has not noticed. Either way it can do nothing that has to be written.
   */
  cutOff: "standby" | "leader" | null = null;
  /** The node this one joins when it is empty, as with Raft's retry_join. */
  leader: FakeVault | null = null;
  /** How often initialising succeeded, on whatever volume. */
  inits = 0;
  /** An engine inside, asked first by whoever has a token. */
  engine: (request: EngineRequest) => Promise<Reply | null> | Reply | null = () => null;
  /** Every secret it ever made: none may turn up anywhere in plain text. */
  readonly secrets: string[] = [];
  readonly rekey = new FakeRekey((secret) => this.secrets.push(secret));
  /** Tokens whose time is up one day. */
  readonly endingTokens = new Set<string>();
  /** The shares of every initialisation, encrypted, in order. */
  readonly initialSets: (readonly string[])[] = [];
  #progress: string[] = [];
  #generateRoot: { nonce: string; recipient: string; fingerprint: string; progress: string[] } | null = null;

  listen(): Promise<void> {
    return this.server.listen();
  }

  close(): Promise<void> {
    return this.server.close();
  }

  /** What a restart of the process does. */
  restart(): void {
    this.sealed = true;
    this.#progress = [];
    this.#generateRoot = null;
    this.rekey.forget();
  }

  /** Live tokens that may do everything. */
  rootTokens(): string[] {
    return [...this.storage.tokens].filter(([, policies]) => policies.includes("root")).map(([token]) => token);
  }

  /** Makes a root token the way an operator would. */
  operatorToken(): string {
    return this.#issue(["root"], "auth/token/create");
  }

  /** Starts a generate-root attempt of somebody else. */
  startForeignGenerateRoot(): void {
    this.#generateRoot = { nonce: randomUUID(), recipient: "", fingerprint: "", progress: [] };
  }

  /** Gives a share to a generate-root the way an operator would; the encoded token when it was the last one. */
  async giveToGenerateRoot(nonce: string, key: string): Promise<string | null> {
    const { body } = await this.#generateRootRequest("PUT", "sys/generate-root/update", { nonce, key });
    const { encoded_token: encoded = "" } = (body ?? {}) as { encoded_token?: string };
    return encoded === "" ? null : encoded;
  }

  /** Seals it the way an operator would. */
  seal(): void {
    this.restart();
  }

  /** Ends whatever people may be giving shares to, the way an operator would. */
  cancelOperations(): void {
    this.#generateRoot = null;
    this.rekey.forget();
  }

  get hasGenerateRoot(): boolean {
    return this.#generateRoot !== null;
  }

  /** Submits a share the way an operator would. */
  submit(share: string): void {
    this.#unseal(share);
  }

  #issue(policies: string[], path = policies.includes("root") ? "auth/token/root" : "auth/approle/login"): string {
    const token = `hvs.${randomBytes(18).toString("base64url")}`;
    this.storage.tokens.set(token, policies);
    const details = { accessor: randomUUID(), path, creation_time: Math.floor(Date.now() / 1000) };
    this.storage.tokenDetails.set(token, details);
    this.secrets.push(token);
    return token;
  }

  /** Storage of a joined node is its leader's. */
  #joined(): void {
    if (this.leader !== null && !this.storage.initialized && this.leader.storage.initialized && !this.leader.sealed) {
      this.storage = this.leader.storage;
    }
  }

  get #isMigrating(): boolean {
    return this.storage.initialized && this.storage.seal !== this.configuredSeal;
  }

  /** True for one that opens by itself; it does so a moment after it was asked for the first time. */
  get #opensByItself(): boolean {
    return this.storage.initialized && this.configuredSeal !== "shamir" && !this.#isMigrating;
  }

  async #answer(request: Received): Promise<Reply> {
    this.#joined();
    setTimeout(() => {
      this.sealed &&= !(this.#opensByItself && this.sealReachable);
    }, 10);
    const path = request.path.replace("/v1/", "");
    const body = request.body === "" ? {} : (JSON.parse(request.body) as Record<string, unknown>);
    if (path === "sys/seal-status") return this.#sealStatus();
    if (path === "sys/health") return { status: this.#health(), body: {} };
    if (this.storage.broken) return refuse(500, "barrier reports initialized but no seal configuration found");
    if (path === "sys/init") return this.#init(body);
    if (path === "sys/unseal") return this.#unsealRequest(body);
    if (this.sealed) return refuse(503, "Vault is sealed");
    if (this.cutOff === "standby") return refuse(500, "local node not active but active cluster node not found");
    if (this.cutOff === "leader" && request.method !== "GET") {
      return refuse(500, "failed to persist: leadership lost while committing log");
    }
    const isAboutKeys = /^sys\/(generate-root|rekey|rekey-recovery-key)\//.test(path);
    if (isAboutKeys && this.wantsLoginForKeys && !this.storage.tokens.has(request.token)) {
      return refuse(403, "permission denied");
    }
    if (path.startsWith("sys/generate-root/")) return this.#generateRootRequest(request.method, path, body);
    const [, key, rekey] = /^sys\/(rekey|rekey-recovery-key)\/(init|update|verify)$/.exec(path) ?? [];
    if (rekey !== undefined) {
      if (key !== (this.configuredSeal === "shamir" ? "rekey" : "rekey-recovery-key")) {
        return refuse(400, "rekeying of that key is not supported with this seal");
      }
      return this.rekey.answer(this.storage, request.method, rekey, body);
    }
    const login = /^auth\/([^/]+)\/login$/.exec(path);
    if (login !== null) return this.#login(login[1] ?? "", body);
    const policies = this.storage.tokens.get(request.token);
    if (policies === undefined) return refuse(403, "permission denied");
    const answer = await this.engine({ method: request.method, path, body, token: request.token });
    if (answer !== null) return answer;
    return this.#withToken(
      request.query === "list=true" ? "LIST" : request.method,
      path,
      body,
      request.token,
      policies,
    );
  }

  #sealStatus(): Reply {
    if (this.storage.broken) return refuse(500, "barrier reports initialized but no seal configuration found");
    const { shares, threshold, clusterId, initialized } = this.storage;
    return {
      status: 200,
      body: {
        type: this.configuredSeal,
        recovery_seal: this.configuredSeal !== "shamir",
        migration: this.#isMigrating,
        initialized,
        sealed: this.sealed,
        t: threshold,
        n: shares.length,
        progress: this.#progress.length,
        nonce: "",
        storage_type: "file",
        ...(this.sealed ? {} : { cluster_id: clusterId }),
        ...(this.removed ? { removed_from_cluster: true } : {}),
      },
    };
  }

  #health(): number {
    if (!this.storage.initialized) return 501;
    if (this.removed) return 530;
    if (this.sealed) return 503;
    if (this.cutOff !== null) return this.cutOff === "leader" ? 200 : 474;
    return this.leader === null ? 200 : 429;
  }

  async #init(body: Record<string, unknown>): Promise<Reply> {
    if (this.storage.initialized) return refuse(400, "Vault is already initialized");
    const recovery = this.configuredSeal !== "shamir";
    const [refused, taken] = recovery ? (["secret", "recovery"] as const) : (["recovery", "secret"] as const);
    if (`${refused}_shares` in body) {
      return refuse(400, `parameters ${refused}_shares not applicable to seal type ${this.configuredSeal}`);
    }
    const recipients = body[recovery ? "recovery_pgp_keys" : "pgp_keys"] as string[];
    const shares = recipients.map(() => randomBytes(33).toString("hex"));
    // Taken before anything else can happen: two requests at once must not both succeed.
    Object.assign(this.storage, {
      initialized: true,
      shares,
      threshold: body[`${taken}_threshold`],
      clusterId: randomUUID(),
      seal: this.configuredSeal,
    });
    this.inits += 1;
    this.secrets.push(...shares);
    const token = this.#issue(["root"]);
    const messages = await Promise.all(shares.map((share, index) => encryptTo(recipients[index] ?? "", share)));
    this.initialSets.push(messages);
    return {
      status: 200,
      body: {
        keys: [],
        keys_base64: [],
        [recovery ? "recovery_keys_base64" : "keys_base64"]: messages,
        root_token: await encryptTo(body["root_token_pgp_key"] as string, token),
      },
    };
  }

  #unsealRequest(body: Record<string, unknown>): Reply {
    if (this.removed) return refuse(500, "node was removed from a HA cluster");
    if (body["reset"] === true) {
      this.#progress = [];
      return this.sealed ? this.#sealStatus() : refuse(400, "vault is unsealed");
    }
    if (!this.storage.initialized) return refuse(400, "Vault is not initialized");
    const key = body["key"];
    if (typeof key !== "string" || !/^[0-9a-f]{66}$/.test(key)) {
      return refuse(400, "'key' must be a valid hex or base64 string");
    }
    if (this.#opensByItself) return refuse(400, "a recovery share was sent to a seal that opens by itself");
    if ((body["migrate"] === true) !== this.#isMigrating) {
      return refuse(400, "migrate option and the pending seal migration do not fit together");
    }
    return this.#unseal(key) ? this.#sealStatus() : refuse(400, "Unseal failed, invalid key");
  }

  /** False when the combined shares are wrong; like Vault it notices only at the threshold. */
  #unseal(share: string): boolean {
    if (!this.sealed || this.#progress.includes(share)) return true;
    this.#progress.push(share);
    if (this.#progress.length < this.storage.threshold) return true;
    const right = this.#progress.every((given) => this.storage.shares.includes(given));
    this.#progress = [];
    this.sealed = !right;
    if (right) this.storage.seal = this.configuredSeal;
    return right;
  }

  async #generateRootRequest(method: string, path: string, body: Record<string, unknown>): Promise<Reply> {
    const { threshold } = this.storage;
    const status = (complete = false, encoded = ""): Reply => ({
      status: 200,
      body: {
        started: this.#generateRoot !== null || complete,
        nonce: this.#generateRoot?.nonce ?? "",
        progress: this.#generateRoot?.progress.length ?? 0,
        required: threshold,
        complete,
        encoded_token: encoded,
        pgp_fingerprint: this.#generateRoot?.fingerprint ?? "",
      },
    });
    if (path === "sys/generate-root/attempt" && method === "GET") return status();
    if (path === "sys/generate-root/attempt" && method === "DELETE") {
      this.#generateRoot = null;
      return { status: 204 };
    }
    if (path === "sys/generate-root/attempt") {
      if (this.#generateRoot !== null) return refuse(400, "root generation already in progress");
      const recipient = body["pgp_key"] as string;
      const key = await readKey({ binaryKey: Buffer.from(recipient, "base64") });
      this.#generateRoot = { nonce: randomUUID(), recipient, fingerprint: key.getFingerprint(), progress: [] };
      return status();
    }
    const attempt = this.#generateRoot;
    if (attempt === null) return refuse(400, "no root generation in progress");
    if (attempt.nonce !== body["nonce"]) return refuse(400, "incorrect nonce supplied");
    const share = body["key"] as string;
    if (attempt.progress.includes(share)) {
      return refuse(400, "given key has already been provided during this generation operation");
    }
    attempt.progress.push(share);
    if (attempt.progress.length < threshold) return status();
    const right = attempt.progress.every((given) => this.storage.shares.includes(given));
    attempt.progress = [];
    if (!right) return refuse(400, "root generation aborted: invalid key");
    const encoded = await encryptTo(attempt.recipient, this.#issue(["root"]));
    const reply = status(true, encoded);
    this.#generateRoot = null;
    return reply;
  }

  #login(mount: string, body: Record<string, unknown>): Reply {
    for (const [name, role] of this.storage.roles) {
      const known = [...role.secretIds.values()].includes(String(body["secret_id"]));
      if (name.startsWith(`${mount}/`) && role.roleId === body["role_id"] && known) {
        const policies = ["default", ...role.policies];
        return { status: 200, body: { auth: { client_token: this.#issue(policies), policies, lease_duration: 3600 } } };
      }
    }
    return refuse(400, "invalid role or secret ID");
  }

  async #withToken(
    method: string,
    path: string,
    body: Record<string, unknown>,
    token: string,
    policies: string[],
  ): Promise<Reply> {
    if (path === "auth/token/lookup-self") {
      return { status: 200, body: { data: { policies, ...this.storage.tokenDetails.get(token) } } };
    }
    if (path === "auth/token/revoke-self") {
      this.storage.tokens.delete(token);
      return { status: 204 };
    }
    if (!policies.includes("root") && !policies.some((policy) => this.storage.policies.has(policy))) {
      return refuse(403, "permission denied");
    }
    if (path === (this.configuredSeal === "shamir" ? "sys/rekey/backup" : "sys/rekey/recovery-key-backup")) {
      return this.rekey.answer(this.storage, method, "backup", body);
    }
    if (policies.includes("root") && path === "auth/token/create") {
      const made = this.#issue(policies, path);
      if (typeof body["ttl"] === "string") this.endingTokens.add(made);
      return { status: 200, body: { auth: { client_token: made, policies, lease_duration: 900 } } };
    }
    if (policies.includes("root") && path.startsWith("auth/token/")) {
      return this.#otherTokens(path, String(body["accessor"]));
    }
    const policy = /^sys\/policies\/acl\/(.+)$/.exec(path)?.[1];
    if (policy !== undefined) return this.#policy(method, policy, body);
    if (path === "sys/auth") {
      return {
        status: 200,
        body: { data: Object.fromEntries([...this.storage.mounts].map(([at, type]) => [at, { type }])) },
      };
    }
    const mount = /^sys\/auth\/(.+)$/.exec(path)?.[1];
    if (mount !== undefined) {
      if (this.storage.mounts.has(`${mount}/`)) {
        return refuse(400, `path is already in use at ${mount}/`);
      }
      this.storage.mounts.set(`${mount}/`, String(body["type"]));
      return { status: 204 };
    }
    const role = /^auth\/([^/]+)\/role\/([^/]+)(\/.*)?$/.exec(path);
    return role === null
      ? refuse(404, "no handler for route")
      : this.#role(method, `${role[1]}/${role[2]}`, role[3] ?? "", body);
  }

  #otherTokens(path: string, accessor: string): Reply {
    const alive = [...this.storage.tokens].flatMap(([token, policies]) => {
      const details = this.storage.tokenDetails.get(token);
      return details === undefined ? [] : [{ token, policies, ...details }];
    });
    if (path === "auth/token/accessors") {
      return { status: 200, body: { data: { keys: alive.map((found) => found.accessor) } } };
    }
    const found = alive.find((candidate) => candidate.accessor === accessor);
    if (found === undefined) return refuse(403, "invalid accessor");
    if (path === "auth/token/lookup-accessor") {
      const { policies, path: madeBy, creation_time } = found;
      return { status: 200, body: { data: { accessor, policies, path: madeBy, creation_time } } };
    }
    this.storage.tokens.delete(found.token);
    return { status: 204 };
  }

  #policy(method: string, name: string, body: Record<string, unknown>): Reply {
    if (method === "GET") {
      const text = this.storage.policies.get(name);
      return text === undefined
        ? { status: 404, body: { errors: [] } }
        : { status: 200, body: { data: { name, policy: text } } };
    }
    this.storage.policies.set(name, String(body["policy"]));
    return { status: 204 };
  }

  #role(method: string, name: string, rest: string, body: Record<string, unknown>): Reply {
    if (!this.storage.mounts.has(`${name.split("/")[0] ?? ""}/`)) {
      return refuse(404, "no handler for route");
    }
    const role = this.storage.roles.get(name) ?? {
      roleId: randomUUID(),
      policies: [],
      secretIds: new Map<string, string>(),
    };
    if (rest === "" && method === "DELETE") {
      this.storage.roles.delete(name);
      return { status: 204 };
    }
    if (rest === "") {
      this.storage.roles.set(name, { ...role, policies: body["token_policies"] as string[] });
      return { status: 204 };
    }
    if (rest === "/role-id") return { status: 200, body: { data: { role_id: role.roleId } } };
    if (rest === "/secret-id" && method === "LIST") {
      return { status: 200, body: { data: { keys: [...role.secretIds.keys()] } } };
    }
    if (rest === "/secret-id") {
      const secretId = randomUUID();
      const accessor = randomUUID();
      role.secretIds.set(accessor, secretId);
      this.secrets.push(secretId);
      return { status: 200, body: { data: { secret_id: secretId, secret_id_accessor: accessor } } };
    }
    role.secretIds.delete(String(body["secret_id_accessor"]));
    return { status: 204 };
  }
}
