import type { Patience } from "../../kube/kube-client.ts";
import type { Clock } from "../../protocol/frame/clock.ts";
import { PartialFailure } from "../../protocol/frame/partial-failure.ts";
import type { ProtocolContext } from "../../protocol/frame/protocol-context.ts";
import { ProtocolStop } from "../../protocol/stops/runbooks.ts";
import { requestsTo } from "./fault-walk.ts";
import { leaksIn } from "./plaintext.ts";
import type { PostgresRelay } from "./postgres-relay.ts";
import { publishStep } from "../../protocol/frame/steps.ts";
import { testTimings, type VaultWorld } from "./vault-world.ts";
import type { Received, Wire, WireFault } from "./wire.ts";

/** A resource of no steps in a situation in which it has something to do. */
export interface RequestScenario {
  readonly name: string;
  /** Opens a world of its own; null for a run that nothing goes wrong in. */
  readonly open: (faultCase: RequestCase | null) => Promise<WalkedWorld>;
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
export type RequestFault =
  | { readonly kind: "killed before" }
  | { readonly kind: "killed after" }
  /** Killed with its machine, of which the server does not learn. */
  | { readonly kind: "vanished" }
  | WireFault;

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
  ["left with its machine before", { kind: "vanished" }],
  ["cut off before", { kind: "cut-request" }],
  ["unanswered for", { kind: "cut-reply" }],
  ["never answered", { kind: "hang" }],
  refusal(500),
  refusal(429),
  refusal(403),
];

/** Of a statement that is not the last of its transaction nothing stays, unless the run lives and goes on. */
const insideTransaction: readonly string[] = ["answered 403"];

/** Of a question to Postgres: nothing of it stays either, and a server that falls silent at one does so at another. */
const atQuestion: readonly string[] = ["killed before", "cut off before", "answered 403"];

/** What keeps a transaction open, and what it holds from others. */
export function holdsLocks({ request, fault: { kind } }: RequestCase): boolean {
  return isCommit(request) && (kind === "hang" || kind === "vanished");
}

function isCommit(request: string): boolean {
  return request.startsWith("postgres QUERY COMMIT");
}

/** What comes after the last request: the engine writes the state. */
const theEnd = "the state";

/**
 * Every request of a run that nothing goes wrong in, times the faults. Of reads of one kind the first and the last are
 * taken, and inside of a transaction, of which nothing is left unless it is committed, the faults that end it each in
 * its own way.
 */
export async function casesOfRequests(scenario: RequestScenario): Promise<RequestCase[]> {
  const walk = await RequestWalk.open(scenario, null);
  const requests: string[] = [];
  walk.onRequest((_, request) => {
    requests.push(request);
    return null;
  });
  const end = await walk.attempt();
  await walk.close();
  if (end?.kind !== "up") throw new Error(`${scenario.name} must succeed by itself, got ${JSON.stringify(end)}`);
  let isOpen = false;
  const cases = requests.flatMap((request, index) => {
    const isInside = isOpen && !isCommit(request);
    if (request.startsWith("postgres QUERY ")) isOpen = isInside || request.startsWith("postgres QUERY BEGIN");
    const isRead = / (?:GET|QUERY SELECT|QUERY WITH) |^(?:kubernetes|postgres) CONNECT/.test(request);
    const isQuestion = isRead && request.startsWith("postgres QUERY");
    const isFirst = !requests.slice(0, index).some((earlier) => earlier.startsWith("postgres QUERY"));
    const [kind = "", count = ""] = request.split(" #");
    if (isRead && count !== "1" && requests.includes(`${kind} #${Number(count) + 1}`)) return [];
    return faults
      .filter(([title, fault]) => {
        if (isInside) return insideTransaction.includes(title);
        if (fault.kind === "vanished") return isCommit(request);
        if (isQuestion && !isFirst) return atQuestion.includes(title);
        // Whether the answer to a read gets lost or the read itself is the same; a stream is not answered but led to
        // its pod.
        return !isRead || (fault.kind !== "killed after" && fault.kind !== "cut-reply");
      })
      .map(([title, fault]): RequestCase => ({ title: `${title} ${request}`, request, fault }));
  });
  const killed = { kind: "killed before" } as const;
  return [...cases, { title: `killed before ${theEnd} is written`, request: theEnd, fault: killed }];
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

  static async open(scenario: RequestScenario, faultCase: RequestCase | null): Promise<RequestWalk> {
    return new RequestWalk(await scenario.open(faultCase));
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
      if (fault.kind === "vanished") this.at.relay?.vanish();
      else this.at.relay?.cut();
      killed.resolve(null);
    };
    this.onRequest((_, request) => {
      if (request !== wanted) return null;
      this.isMet = true;
      switch (fault.kind) {
        case "killed before":
        case "vanished":
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
    const before = this.state;
    const attempt = this.#run(run, clock, life.signal, patience);
    const end = await Promise.race([killed.promise, attempt]);
    this.onRequest(() => null);
    if (wanted !== theEnd) return end;
    if (end?.kind === "up") this.isMet = true;
    this.state = before;
    return null;
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
    return leaksIn(
      {
        "a message": this.messages.join("\n"),
        "the state": JSON.stringify(this.state),
        "a request to Kubernetes": requestsTo(world.kube),
      },
      secrets(),
    );
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
