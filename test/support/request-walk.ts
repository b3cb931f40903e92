import type { Patience } from "../../components/cluster/kube-client.ts";
import type { Clock } from "../../components/vault/protocol/clock.ts";
import { PartialFailure } from "../../components/vault/protocol/partial-failure.ts";
import type { ProtocolContext } from "../../components/vault/protocol/protocol-context.ts";
import { ProtocolStop } from "../../components/vault/protocol/runbooks.ts";
import type { PostgresRelay } from "./postgres-relay.ts";
import { publishStep } from "../../components/vault/protocol/steps.ts";
import { testTimings, type VaultWorld } from "./vault-world.ts";
import type { Received, Wire, WireFault } from "./wire.ts";

/** A resource of no steps in a situation in which it has something to do. */
export interface RequestScenario {
  readonly name: string;
  readonly open: () => Promise<WalkedWorld>;
}

/** Where it acts, and what may not have happened there. */
export interface WalkedWorld {
  readonly world: Pick<VaultWorld, "kube" | "vaults" | "close">;
  readonly relay?: PostgresRelay;
  /** One run, as the engine makes it from what the state holds: null for nothing. Returns what the state holds then. */
  readonly run: (context: ProtocolContext, state: object | null) => Promise<object>;
  /** Called for each request that is about to be done. */
  readonly saw?: (request: Received) => void;
  /** What is broken right after a fault, though the next run may be far; in words. */
  readonly harmBetween?: () => Promise<string[]>;
  /** What is broken once a plain run came after the fault. */
  readonly harm: (faultCase: RequestCase) => Promise<string[]>;
  /** What may stand in no message, no request to Kubernetes and no state, but where a run was given it. */
  readonly secrets: () => readonly string[];
}

/** What happens to one request. */
export type RequestFault = { readonly kind: "killed before" } | { readonly kind: "killed after" } | WireFault;

/** One fault at one request. */
export interface RequestCase {
  readonly title: string;
  /** Which request, and the how-manieth of its kind. */
  readonly request: string;
  readonly fault: RequestFault;
}

/** How a run ended; null when it was killed. */
export type RunEnd = { readonly kind: "up" } | { readonly kind: "failed"; readonly message: string } | null;

const refusal = (status: number): [string, WireFault] => [
  `answered ${status}`,
  { kind: "answer", status, body: { errors: ["refused by a test"], kind: "Status", message: "refused by a test" } },
];

const faults: readonly [string, RequestFault][] = [
  ["killed before", { kind: "killed before" }],
  ["killed after", { kind: "killed after" }],
  ["cut off before", { kind: "cut-request" }],
  ["unanswered for", { kind: "cut-reply" }],
  ["never answered", { kind: "hang" }],
  refusal(500),
  refusal(429),
  refusal(403),
];

/** Every request of a run that nothing goes wrong in, times the faults. Of reads of one kind the first and the last are taken. */
export async function casesOfRequests(scenario: RequestScenario): Promise<RequestCase[]> {
  const walk = await RequestWalk.open(scenario);
  const requests: string[] = [];
  walk.onRequest((_, request) => {
    requests.push(request);
    return null;
  });
  const end = await walk.attempt();
  await walk.close();
  if (end?.kind !== "up") throw new Error(`${scenario.name} must succeed by itself, got ${JSON.stringify(end)}`);
  return requests.flatMap((request) => {
    const isStream = request.startsWith("kubernetes CONNECT");
    const reads = request.includes(" GET ") || isStream;
    const [kind = "", count = ""] = request.split(" #");
    if (reads && count !== "1" && requests.includes(`${kind} #${Number(count) + 1}`)) return [];
    return faults.flatMap(([title, fault]): RequestCase[] =>
      // Whether the answer to a read gets lost or the read itself is the same; a stream is not answered but led to its pod.
      reads && (fault.kind === "killed after" || fault.kind === "cut-reply")
        ? []
        : [{ title: `${title} ${request}`, request, fault }],
    );
  });
}

/** A world that is walked through. */
export class RequestWalk {
  readonly at: WalkedWorld;
  /** Everything said to people. */
  readonly messages: string[] = [];
  state: object | null = null;
  /** Whether the fault came to pass. */
  isMet = false;
  #counts = new Map<string, number>();
  #runs = 0;

  private constructor(at: WalkedWorld) {
    this.at = at;
  }

  static async open(scenario: RequestScenario): Promise<RequestWalk> {
    return new RequestWalk(await scenario.open());
  }

  /** Decides the fate of each request by its name, from now on. */
  onRequest(decide: (received: Received, request: string) => WireFault | null): void {
    this.#counts = new Map();
    const wire: Wire = (received) => {
      const kind = `${received.server} ${received.method} ${received.path}`;
      const count = (this.#counts.get(kind) ?? 0) + 1;
      this.#counts.set(kind, count);
      const fault = decide(received, `${kind} #${count}`);
      if (fault === null || fault.kind === "cut-reply") this.at.saw?.(received);
      return fault;
    };
    const { world, relay } = this.at;
    for (const server of [world.kube.server, ...world.vaults.map((vault) => vault.server)]) server.wire = wire;
    world.kube.streams = wire;
    if (relay !== undefined) relay.wire = wire;
  }

  /** One run with a fault in it. */
  async attemptWith({ request: wanted, fault }: RequestCase): Promise<RunEnd> {
    const clock = patientClock();
    const run = `run-${++this.#runs}`;
    const life = new AbortController();
    const killed = Promise.withResolvers<null>();
    const kill = (): void => {
      life.abort();
      this.at.world.kube.kill(run);
      this.at.relay?.cut();
      killed.resolve(null);
    };
    this.onRequest((_, request) => {
      if (request !== wanted) return null;
      this.isMet = true;
      switch (fault.kind) {
        case "killed before":
          kill();
          return { kind: "cut-request" };
        case "killed after":
          return { kind: "cut-reply", then: kill };
        case "hang":
          // Nobody else is asked at this time that answers later than this.
          clock.expire();
          return fault;
        case "cut-request":
        case "cut-reply":
        case "answer":
        case "delay":
          return fault;
      }
    });
    const patience = fault.kind === "hang" ? { timeoutMs: 1_000, attempts: 3 } : undefined;
    const attempt = this.#run(run, clock, life.signal, patience);
    const end = await Promise.race([killed.promise, attempt]);
    this.onRequest(() => null);
    return end;
  }

  /** One run without any. */
  attempt(): Promise<RunEnd> {
    return this.#run(`run-${++this.#runs}`, patientClock(), new AbortController().signal);
  }

  async #run(runId: string, clock: Clock, life: AbortSignal, patience?: Patience): Promise<RunEnd> {
    const kube = this.at.world.kube.api(runId, patience);
    const context: ProtocolContext = { kube, clock, timings: testTimings, runId, observe: publishStep, life };
    try {
      const state = await this.at.run(context, this.state);
      if (!life.aborted) this.state = state;
      return { kind: "up" };
    } catch (error) {
      if (life.aborted) return null;
      // As the engine does: a partial failure is remembered, any other leaves the state as it was.
      if (error instanceof PartialFailure) this.state = error.properties;
      const message = error instanceof Error ? error.message : "not an error";
      this.messages.push(message);
      if (error instanceof Error && error.cause instanceof Error) this.messages.push(error.cause.message);
      return { kind: "failed", message: error instanceof ProtocolStop ? `${error.runbook}: ${message}` : message };
    }
  }

  /** Places where something secret stands that may not stand there. */
  leaks(): string[] {
    const { world, secrets } = this.at;
    const places: [string, string][] = [
      ["a message", this.messages.join("\n")],
      ["the state", JSON.stringify(this.state)],
      ["a request to Kubernetes", world.kube.server.log.map(({ path, query, body }) => path + query + body).join("\n")],
    ];
    return places.filter(([, text]) => secrets().some((secret) => text.includes(secret))).map(([place]) => place);
  }

  async close(): Promise<void> {
    this.at.relay?.close();
    await this.at.world.close();
  }
}

/** A clock that moves when somebody sleeps, and at whose word the time of every request that is under way is up. */
function patientClock(): Clock & { expire: () => void } {
  let now = Date.now();
  let pending: AbortController[] = [];
  return {
    now: () => now,
    sleep: (milliseconds) => {
      now += milliseconds;
      return new Promise((resolve) => setImmediate(resolve));
    },
    timeout: () => {
      const controller = new AbortController();
      pending.push(controller);
      return controller.signal;
    },
    expire: () => {
      const expired = pending;
      pending = [];
      setImmediate(() => {
        for (const controller of expired) controller.abort();
      });
    },
  };
}
