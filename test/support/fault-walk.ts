import { type ParsedRecord, parseRecord } from "../../protocol/keys/keys-record.ts";
import type { StepEvent, StepObserver } from "../../protocol/frame/steps.ts";
import type { EscrowPair } from "./escrow-key.ts";
import { leaksIn } from "./plaintext.ts";
import { Stack, type UpResult, VaultWorld, type WorldOptions } from "./vault-world.ts";
import type { Received, Wire, WireFault } from "./wire.ts";

/** A situation in which an `up` has something to do. */
export interface Scenario {
  readonly name: string;
  readonly world: Omit<WorldOptions, "escrow">;
  /** Brings the world there. */
  readonly prepare: (world: VaultWorld) => Promise<void>;
  /** How many initialisations there may be in all. */
  readonly inits: number;
  /** How many times the keys are replaced, besides. */
  readonly rekeys?: number;
  /** The protocols that do something here which no other scenario walks through. */
  readonly walks: readonly StepEvent["protocol"][];
}

/** One fault at one place of a protocol. */
export interface FaultCase {
  readonly title: string;
  readonly scenario: Scenario;
  readonly event: StepEvent;
  readonly fault:
    | { readonly kind: "kill" }
    /** The process stops, its lease runs out, another run comes and goes, the process goes on. */
    | { readonly kind: "freeze" }
    /** The process waits, still renewing its lease, while another run tries. */
    | { readonly kind: "orphan" }
    | { readonly kind: "wire"; readonly request: string; readonly what: WireFault };
}

/** A world of this scenario, ready for the run under test. */
export async function openWorld(scenario: Scenario, escrow: EscrowPair): Promise<VaultWorld> {
  const world = await new VaultWorld({ ...scenario.world, escrow }).listen();
  await scenario.prepare(world);
  return world;
}

/** Every step a run of this scenario takes, and every different request it sends in it. */
export async function traceOf(
  scenario: Scenario,
  escrow: EscrowPair,
): Promise<{ event: StepEvent; requests: Received[] }[]> {
  const world = await openWorld(scenario, escrow);
  const trace: { event: StepEvent; requests: Received[] }[] = [];
  let current: Received[] = [];
  const record: Wire = (request) => {
    if (!isBackground(request, trace.at(-1)?.event.step ?? "")) current.push(request);
    return null;
  };
  for (const server of [world.kube.server, ...world.vaults.map((vault) => vault.server)]) server.wire = record;
  const { context } = world.context((event) => {
    current = [];
    trace.push({ event, requests: current });
    return Promise.resolve();
  });
  const result = await world.stack.up(context);
  await world.close();
  if (result.kind !== "up") {
    throw new Error(`scenario "${scenario.name}" must come up when nothing goes wrong, got ${JSON.stringify(result)}`);
  }
  return trace;
}

/** The moments of a scenario at which a kill leaves something of its own behind, in order. */
export async function momentsOf(scenario: Scenario, escrow: EscrowPair): Promise<StepEvent[]> {
  const events = (await traceOf(scenario, escrow))
    .map(({ event }) => event)
    .filter(({ protocol }) => scenario.walks.includes(protocol));
  return events.filter((event, index) => index === 0 || isWorthAKill(event));
}

/** Between the end of a step and the beginning of the next nothing happens: one of the two moments is enough. */
function isWorthAKill({ moment }: StepEvent): boolean {
  return moment === "after";
}

/** All cases of a scenario: its steps times the faults. A new step, or a new request in one, brings its own cases. */
export async function casesOf(scenario: Scenario, escrow: EscrowPair): Promise<FaultCase[]> {
  const trace = (await traceOf(scenario, escrow)).filter(({ event }) => scenario.walks.includes(event.protocol));
  const cases = new Map<string, FaultCase>();
  const add = (title: string, event: StepEvent, fault: FaultCase["fault"]): void => {
    cases.set(title, cases.get(title) ?? { title, scenario, event, fault });
  };
  for (const { event, requests } of trace) {
    const place = `${event.protocol}/${event.step}`;
    if (event === trace[0]?.event || isWorthAKill(event)) {
      add(`killed ${event.moment} ${place}`, event, { kind: "kill" });
      add(`overtaken while frozen ${event.moment} ${place}`, event, { kind: "freeze" });
    }
    // Only initialising is guarded by the lease that an orphan keeps renewing.
    if (event.moment === "after" && event.protocol === "init") {
      add(`orphaned and met by a second run ${event.moment} ${place}`, event, { kind: "orphan" });
    }
    for (const received of requests) {
      const request = signature(received);
      // Reading is repeated everywhere in the same way: once in each protocol is enough.
      const where = received.method === "GET" ? event.protocol : place;
      for (const [title, what] of wireFaults(received)) {
        add(`${title}: ${request} in ${where}`, event, { kind: "wire", request, what });
      }
    }
  }
  return [...cases.values()];
}

/** True when the answer of the one call that cannot be repeated, and with it the keys, reaches nobody. */
export function losesKeys({ event, fault }: FaultCase): boolean {
  if (fault.kind === "wire") return fault.what.kind === "cut-reply" && fault.request.endsWith("/sys/init");
  return fault.kind === "kill" && holdsOnlyKeys(event);
}

/** True at the one moment at which the keys exist in the memory of the run and nowhere else. */
export function holdsOnlyKeys({ step, moment }: StepEvent): boolean {
  return (step === "initialize" && moment === "after") || (step === "store-keys" && moment === "before");
}

/** How the run under test ended: null when it was killed. */
export async function runCase(world: VaultWorld, { event, fault }: FaultCase): Promise<UpResult | null> {
  if (fault.kind === "wire") return runWithWire(world, event, fault.request, fault.what);
  const reached = Promise.withResolvers<null>();
  const goOn = Promise.withResolvers<undefined>();
  const observe: StepObserver = once(event, async () => {
    reached.resolve(null);
    await goOn.promise;
  });
  const { context, kill, freeze } = world.context(observe);
  const run = world.stack.up(context);
  await Promise.race([reached.promise, run]);
  if (fault.kind === "kill") {
    // What never goes on is as good as dead; its connections and its renewals end here.
    kill();
    return null;
  }
  if (fault.kind === "freeze") freeze();
  await new Stack(world).up();
  goOn.resolve(undefined);
  return run;
}

async function runWithWire(world: VaultWorld, event: StepEvent, request: string, what: WireFault): Promise<UpResult> {
  let armed = false;
  const observe: StepObserver = ({ protocol, step, moment }) => {
    armed = protocol === event.protocol && step === event.step && moment === "before";
    return Promise.resolve();
  };
  const { context } = world.context(observe);
  let left = 1;
  const wire: Wire = (received) => {
    if (armed && received.run === context.runId && signature(received) === request && left > 0) {
      left -= 1;
      return what;
    }
    return null;
  };
  for (const server of [world.kube.server, ...world.vaults.map((vault) => vault.server)]) server.wire = wire;
  return world.stack.up(context);
}

function once(wanted: StepEvent, action: () => Promise<void>): StepObserver {
  let done = false;
  return async ({ protocol, step, moment }) => {
    if (!done && protocol === wanted.protocol && step === wanted.step && moment === wanted.moment) {
      done = true;
      await action();
    }
  };
}

/** Renewals of the lease happen at any time and belong to no step. */
function isBackground({ path }: Received, step: string): boolean {
  return path.includes("/leases") && !step.includes("lease");
}

function signature({ server, method, path }: Received): string {
  return `${server} ${method} ${path.replace(/vault-\d+(?=\/|$)/, "vault-N")}`;
}

/** In the time of a world, longer than a lease lasts. */
const lateMs = 1_000;

function wireFaults({ server, method }: Received): [string, WireFault][] {
  const error = { errors: ["internal error"], kind: "Status", message: "internal error" };
  const faults: [string, WireFault][] = [
    ["lost", { kind: "cut-request" }],
    ["late", { kind: "delay", milliseconds: lateMs }],
    ["refused", { kind: "answer", status: 500, body: error }],
  ];
  if (server === "vault" || method !== "GET") faults.push(["never answered", { kind: "hang" }]);
  if (method !== "GET") faults.push(["unanswered", { kind: "cut-reply" }]);
  if (server === "kubernetes" && method !== "GET") {
    faults.push(["denied", { kind: "answer", status: 403, body: { kind: "Status", message: "forbidden by a test" } }]);
    faults.push(["throttled", { kind: "answer", status: 429, body: { kind: "Status", message: "too many requests" } }]);
  }
  return faults;
}

/** What the keys Secret says now. */
export function storedRecord(world: VaultWorld): ParsedRecord {
  const secret = world.kube.get("secrets", "vault-keys");
  const data = secret?.["data"] as Record<string, string> | undefined;
  return data === undefined ? { kind: "absent" } : parseRecord(decode(data["record.json"] ?? ""));
}

/** Every `initialized` record the keys Secret ever held, as fingerprints in order. */
export function fingerprintsOf(world: VaultWorld): string[] {
  const found: string[] = [];
  for (const { name, data } of world.kube.secretHistory) {
    const parsed = parseRecord(Buffer.from(data["record.json"] ?? "", "base64").toString("utf8"));
    if (name === "vault-keys" && parsed.kind === "keys" && found.at(-1) !== parsed.record.keysFingerprint) {
      found.push(parsed.record.keysFingerprint);
    }
  }
  return found;
}

/** Places outside Vault where a secret of its stands in plain text. */
export function leaksOf(world: VaultWorld): string[] {
  const { roleId = "", secretId = "", previewRoleId = "", previewSecretId = "" } = world.stack.state.adminAccess ?? {};
  // The rekey was given the login of its last run.
  const given = [world.stack.state.rekey?.roleId ?? "", world.stack.state.rekey?.secretId ?? ""];
  const logins = [roleId, secretId, previewRoleId, previewSecretId, ...given].filter((text) => text !== "");
  const stored = world.kube.secretHistory.flatMap(({ data }) => Object.values(data).map(readable));
  return leaksIn(
    {
      "a Secret": [...new Set(stored)].join("\n"),
      "a request to Kubernetes": requestsTo(world.kube),
      "a message": world.stack.messages.join("\n"),
      // The logins are secret outputs of the state; nothing else secret may be in it.
      "the state": withoutParts(JSON.stringify(world.stack.state), [...logins, ...escrowKeys(world)]),
    },
    world.vaults.flatMap((vault) => vault.secrets),
  );
}

/** The private keys that the stack was given, as JSON writes them. */
function escrowKeys({ stack: { custody } }: VaultWorld): string[] {
  const keys = [custody.escrow.privateKey, custody.previousEscrow?.privateKey ?? ""];
  return keys.filter((key) => key !== "").map((key) => JSON.stringify(key).slice(1, -1));
}

function withoutParts(text: string, parts: readonly string[]): string {
  return parts.reduce((rest, part) => rest.replaceAll(part, ""), text);
}

/** All that was sent to the API server; what a Secret is to hold as it is and as it says it. */
export function requestsTo({ server }: Pick<VaultWorld["kube"], "server">): string {
  const sent = server.log.map(({ path, query, body }) => {
    const text = body.replace(/"([A-Za-z0-9+/]{40,}={0,2})"/g, (_, value: string) => JSON.stringify(readable(value)));
    return `${path}?${query}\n${text}`;
  });
  return [...new Set(sent)].join("\n");
}

/** What base64 says, where that is a text. */
function readable(value: string): string {
  const text = decode(value);
  return text.includes("\uFFFD") ? value : text;
}

function decode(text: string): string {
  return Buffer.from(text, "base64").toString("utf8");
}
