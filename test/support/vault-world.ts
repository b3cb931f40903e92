import type { IncomingMessage } from "node:http";
import * as adminAccess from "../../protocol/admin-access/admin-access-resource.ts";
import type { Clock } from "../../protocol/frame/clock.ts";
import * as rekey from "../../protocol/rekey/rekey-resource.ts";
import * as init from "../../protocol/init/init-resource.ts";
import { PartialFailure } from "../../protocol/frame/partial-failure.ts";
import type { ProtocolContext, Timings } from "../../protocol/frame/protocol-context.ts";
import { ProtocolStop } from "../../protocol/stops/runbooks.ts";
import { publishStep, type StepObserver } from "../../protocol/frame/steps.ts";
import type { AdminAccessOutputs } from "../../protocol/admin-access/admin-access-properties.ts";
import type { InitInputs, InitOutputs } from "../../protocol/init/init-properties.ts";
import type { KeySetInputs } from "../../protocol/keys/key-set.ts";
import type { RekeyOutputs } from "../../protocol/rekey/rekey-properties.ts";
import type { SealType } from "../../protocol/keys/seal-type.ts";
import type { UnsealOutputs } from "../../protocol/unseal/unseal-properties.ts";
import type { VaultTarget } from "../../protocol/frame/vault-target.ts";
import * as unseal from "../../protocol/unseal/unseal-resource.ts";
import type { EscrowPair } from "./escrow-key.ts";
import { fakeContext, FakeKubernetes } from "./fake-kubernetes.ts";
import { emptyStorage, FakeVault } from "./fake-vault.ts";

/** Deadlines short enough to be met in a test, and long enough that a busy machine meets none by accident. */
export const testTimings: Timings = {
  poll: 300,
  ready: 60_000,
  store: 60_000,
  serve: 60_000,
  endRoot: 30_000,
  vault: { request: 10_000, initialize: 120_000 },
  lease: { seconds: 15, patience: 60_000 },
};

/** Time that runs so many times faster; single requests keep real time, since sockets do not hurry. */
export function fastClock(speed: number): Clock {
  const start = Date.now();
  return {
    now: () => start + (Date.now() - start) * speed,
    sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds / speed)),
    timeout: (milliseconds) => AbortSignal.timeout(Math.max(milliseconds / speed, 5_000)),
  };
}

/** What Pulumi's state remembers. */
export interface StackState {
  init: InitOutputs | null;
  unseal: UnsealOutputs | null;
  adminAccess: AdminAccessOutputs | null;
  rekey: RekeyOutputs | null;
}

/** How an `up` ended. */
export type UpResult =
  | { readonly kind: "up" }
  /** A person must decide; the runbook says how. */
  | { readonly kind: "stopped"; readonly runbook: string; readonly message: string }
  | { readonly kind: "failed"; readonly message: string };

/** Settings of a world. */
export interface WorldOptions {
  readonly escrow: EscrowPair;
  readonly pods?: number;
  readonly shares?: number;
  readonly threshold?: number;
  /** Public keys of people who hold the last shares. */
  readonly holders?: readonly string[];
  readonly speed?: number;
  /** What is to keep the root key. */
  readonly seal?: SealType;
}

/** A cluster with a Vault in it, both fake, and a stack that manages them through the real protocols. */
export class VaultWorld {
  readonly kube: FakeKubernetes;
  readonly vaults: FakeVault[];
  readonly options: Required<WorldOptions>;
  readonly target: VaultTarget;
  /** The stack under test. */
  readonly stack: Stack;
  /** True while something keeps readiness probes from their pods, as a network policy may. */
  probeBlocked = false;
  #runs = 0;

  constructor(options: WorldOptions) {
    this.options = { pods: 1, shares: 1, threshold: 1, holders: [], speed: 20, seal: "shamir", ...options };
    this.stack = new Stack(this);
    this.vaults = Array.from({ length: this.options.pods }, () => new FakeVault());
    const [first] = this.vaults;
    for (const vault of this.vaults) vault.configuredSeal = this.options.seal;
    for (const vault of this.vaults.slice(1)) vault.leader = first ?? null;
    const pods = this.vaults.map((vault, index) => ({
      name: `vault-${index}`,
      port: () => vault.server.port,
      log: () => vault.rekey.log,
      ready: () => !this.probeBlocked && !vault.sealed,
      onRestart: () => {
        vault.restart();
      },
      onNewVolume: () => {
        vault.storage = emptyStorage();
      },
    }));
    this.target = {
      kubeContext: fakeContext,
      namespace: "vault",
      statefulSet: "vault",
      pods: pods.map(({ name }) => name),
      port: 8200,
      tls: null,
    };
    this.kube = new FakeKubernetes("vault", "vault", pods);
    for (const vault of this.vaults) {
      vault.server.runOf = (request: IncomingMessage) => this.kube.runOfPort.get(request.socket.remotePort ?? 0) ?? "";
    }
  }

  /** The first node. */
  get vault(): FakeVault {
    const [first] = this.vaults;
    if (first === undefined) throw new Error("a world has at least one Vault");
    return first;
  }

  /** How often initialising succeeded. */
  get inits(): number {
    return this.vaults.reduce((sum, vault) => sum + vault.inits, 0);
  }

  /** Restarts every node with another seal in its configuration, as an edit of the settings with consent does. */
  changeSeal(seal: SealType): void {
    const { seal: previousSeal } = this.stack.sealing;
    this.stack.sealing = { seal, previousSeal };
    for (const [index, vault] of this.vaults.entries()) {
      vault.configuredSeal = seal;
      this.kube.restartPod(`vault-${index}`);
    }
  }

  async listen(): Promise<this> {
    await Promise.all([this.kube.listen(), ...this.vaults.map((vault) => vault.listen())]);
    return this;
  }

  async close(): Promise<void> {
    await Promise.all([this.kube.close(), ...this.vaults.map((vault) => vault.close())]);
  }

  /**
   * A context of a fresh run, and ways to end it: killed, its connections and renewals end; frozen, only its renewals.
   */
  context(observe: StepObserver = publishStep): { context: ProtocolContext; kill: () => void; freeze: () => void } {
    const runId = `run-${++this.#runs}`;
    const life = new AbortController();
    const context: ProtocolContext = {
      kube: this.kube.api(runId),
      clock: fastClock(this.options.speed),
      timings: testTimings,
      runId,
      observe,
      life: life.signal,
    };
    return {
      context,
      freeze: () => {
        life.abort();
      },
      kill: () => {
        life.abort();
        this.kube.kill(runId);
      },
    };
  }
}

/** One Pulumi stack that manages the Vault of a world; a second one is another machine with another state. */
export class Stack {
  readonly state: StackState = { init: null, unseal: null, adminAccess: null, rekey: null };
  /** Everything said to people. */
  readonly messages: string[] = [];
  allowReinitialize = false;
  adoptExisting = false;
  /** The settings for its seal. */
  sealing: Pick<InitInputs, "seal" | "previousSeal">;
  /** What holders of shares made for it. */
  encodedRootToken: string | undefined = undefined;
  /** The settings for its keys, which a test may edit. */
  custody: Required<Pick<WorldOptions, "escrow" | "shares" | "threshold" | "holders">> & {
    readonly generation: number;
    readonly previousEscrow?: EscrowPair;
  };
  readonly #world: VaultWorld;

  constructor(world: VaultWorld) {
    this.#world = world;
    this.custody = { ...world.options, generation: 1 };
    this.sealing = { seal: world.options.seal, previousSeal: null };
  }

  get #keySet(): KeySetInputs {
    const { shares, threshold, escrow, holders, generation } = this.custody;
    const own = Array.from({ length: shares - holders.length }, () => escrow.publicKey);
    return {
      secretShares: shares,
      secretThreshold: threshold,
      shareRecipients: [...own, ...holders],
      keysGeneration: generation,
    };
  }

  get #escrow(): { escrowPrivateKey: string; escrowPreviousPrivateKey?: string } {
    const { escrow, previousEscrow } = this.custody;
    return {
      escrowPrivateKey: escrow.privateKey,
      ...(previousEscrow !== undefined && { escrowPreviousPrivateKey: previousEscrow.privateKey }),
    };
  }

  get initInputs(): InitInputs {
    return {
      __provider: "code",
      target: this.#world.target,
      keysSecret: "vault-keys",
      ...this.#keySet,
      rootTokenRecipient: this.custody.escrow.publicKey,
      ...this.sealing,
      allowReinitialize: this.allowReinitialize,
      adoptExisting: this.adoptExisting,
      ...this.#escrow,
      protocolVersion: 1,
    };
  }

  /** One `up` of the stack: the four resources in their order, each created or updated as its state says. */
  async up(context: ProtocolContext = this.#world.context().context): Promise<UpResult> {
    try {
      await this.#upInit(context);
      await this.#upUnseal(context);
      await this.#upAdminAccess(context);
      await this.#upRekey(context);
      return { kind: "up" };
    } catch (error) {
      const message =
        error instanceof Error
          ? `${error.message}\n${error.cause instanceof Error ? error.cause.message : ""}`
          : "not an error";
      this.messages.push(message);
      if (error instanceof ProtocolStop) return { kind: "stopped", runbook: error.runbook, message };
      return { kind: "failed", message };
    }
  }

  async #upInit(context: ProtocolContext): Promise<void> {
    const { state, initInputs } = this;
    try {
      state.init =
        state.init === null
          ? ((await init.createIn(context, initInputs)).outs ?? null)
          : ((await init.updateIn(context, state.init, initInputs)).outs ?? null);
    } catch (error) {
      // As the engine does: a partial failure is remembered, any other leaves the state as it was.
      if (error instanceof PartialFailure) state.init = error.properties as InitOutputs;
      throw error;
    }
  }

  async #upUnseal(context: ProtocolContext): Promise<void> {
    const inputs = {
      target: this.#world.target,
      keysSecret: "vault-keys",
      keysFingerprint: this.state.init?.keysFingerprint ?? "",
      ...this.#escrow,
      podTemplateHash: "hash",
      protocolVersion: 1,
    };
    this.state.unseal = (await unseal.createIn(context, inputs)).outs ?? null;
  }

  async #upAdminAccess(context: ProtocolContext): Promise<void> {
    const { state } = this;
    const inputs = {
      target: this.#world.target,
      keysSecret: "vault-keys",
      clusterId: state.unseal?.clusterId ?? "",
      ...this.#escrow,
      ...(this.encodedRootToken !== undefined && { encodedRootToken: this.encodedRootToken }),
      authPath: "approle-pulumi",
      tokenTtl: 3600,
      adminPolicy: "what the program may do",
      previewPolicy: "what a preview may do",
      protocolVersion: 1,
    };
    try {
      state.adminAccess =
        state.adminAccess === null
          ? ((await adminAccess.createIn(context, inputs)).outs ?? null)
          : ((await adminAccess.updateIn(context, state.adminAccess, inputs)).outs ?? null);
    } catch (error) {
      if (error instanceof PartialFailure) state.adminAccess = error.properties as AdminAccessOutputs;
      throw error;
    }
  }

  async #upRekey(context: ProtocolContext): Promise<void> {
    const { unseal: unsealed, adminAccess: login } = this.state;
    const inputs = {
      target: this.#world.target,
      keysSecret: "vault-keys",
      clusterId: unsealed?.clusterId ?? "",
      ...this.#keySet,
      ...this.#escrow,
      authPath: login?.authPath ?? "",
      roleId: login?.roleId ?? "",
      secretId: login?.secretId ?? "",
      protocolVersion: 1,
    };
    this.state.rekey = (await rekey.createIn(context, inputs)).outs ?? null;
  }
}
