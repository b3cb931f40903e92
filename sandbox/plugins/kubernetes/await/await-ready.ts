import type { JsonObject } from "../../shared/property.ts";
import type { OperationLog } from "../../shared/provider.ts";
import { referenceOf, type Objects } from "../api/objects.ts";
import { annotations, isAnnotated } from "../object/annotations.ts";
import { at, nameOf } from "../object/fields.ts";
import type { GroupVersionKind } from "../object/type-token.ts";
import { explanations, podTroubles } from "./explain.ts";
import { poll, type PollEnd, type PollOptions } from "./polling.ts";
import type { Readiness, ReadinessRule } from "./readiness.ts";
import { readinessRule } from "./rules.ts";
import { waitForRule } from "./wait-for.ts";

/** An object that exists and did not become what it should. */
export class NotReadyError extends Error {
  override readonly name = "NotReadyError";
  readonly object: JsonObject;
  /** Each a sentence of its own, the headline first. */
  readonly reasons: readonly string[];

  constructor(object: JsonObject, headline: string, reasons: readonly string[]) {
    super([headline, ...reasons].join("\n"));
    this.object = object;
    this.reasons = [headline, ...reasons];
  }
}

/** What is awaited of an object whose inputs are these; undefined when nothing is. */
export function ruleFor(inputs: JsonObject, kind: GroupVersionKind): ReadinessRule | undefined {
  if (isAnnotated(inputs, annotations.skipAwait)) return undefined;
  return waitForRule(inputs) ?? readinessRule(kind);
}

/**
 * The object once it is ready.
 * @throws NotReadyError when that takes too long, is cancelled, or can no longer happen
 */
export async function awaitReady(
  objects: Objects,
  created: JsonObject,
  rule: ReadinessRule,
  options: PollOptions & { readonly log: OperationLog },
): Promise<JsonObject> {
  const watch = new Watch(objects, created, rule, options.log);
  const outcome = await poll((signal) => watch.look(signal), options);
  if (typeof outcome === "object") return outcome;
  throw await notReady(objects, watch, rule, headlines[outcome](nameOf(created)));
}

/** Holds an object against a rule once, as a refresh does. @throws NotReadyError when it is not ready */
export async function assertReady(
  objects: Objects,
  live: JsonObject,
  rule: ReadinessRule,
  signal: AbortSignal,
): Promise<void> {
  const readiness = rule.assess(live, (await rule.related?.(objects, live, signal)) ?? []);
  if (readiness.ready || readiness.settlesAfterSeconds !== undefined) return;
  const reasons = [...readiness.faults, ...(await explanations(objects, live, rule).catch(() => []))];
  throw new NotReadyError(live, `'${nameOf(live)}' is not ready`, [...new Set(reasons)]);
}

const headlines: Readonly<Record<PollEnd, (name: string) => string>> = {
  "timed out": (name) => `'${name}' timed out waiting to be Ready`,
  cancelled: (name) => `Resource operation was cancelled for '${name}'`,
};

/** Looks at one object time and again, and tells the console what it sees. */
class Watch {
  readonly #objects: Objects;
  readonly #rule: ReadinessRule;
  readonly #log: OperationLog;
  readonly #uid: unknown;
  #status = "";
  #troublesAskedAt = performance.now();
  #unchangedSince = performance.now();
  last: JsonObject;
  readiness: Readiness | undefined;

  constructor(objects: Objects, created: JsonObject, rule: ReadinessRule, log: OperationLog) {
    this.#objects = objects;
    this.#rule = rule;
    this.#log = log;
    this.#uid = at(created, "metadata", "uid");
    this.last = created;
  }

  async look(signal: AbortSignal): Promise<JsonObject | undefined> {
    const live = await this.#objects.find(referenceOf(this.last), signal);
    if (live === undefined || at(live, "metadata", "uid") !== this.#uid) {
      throw new NotReadyError(this.last, `'${nameOf(this.last)}' was deleted while it was awaited`, []);
    }
    this.last = live;
    const readiness = this.#rule.assess(live, (await this.#rule.related?.(this.#objects, live, signal)) ?? []);
    if (this.readiness?.progress !== readiness.progress) this.#unchangedSince = performance.now();
    this.readiness = readiness;
    if (readiness.ready || this.#hasSettled(readiness)) {
      this.#tell("");
      return live;
    }
    if (readiness.hopeless === true)
      throw await notReady(this.#objects, this, this.#rule, `'${nameOf(live)}' failed to initialize`);
    await this.#tellTroubles(readiness, signal);
    return undefined;
  }

  #hasSettled({ settlesAfterSeconds }: Readiness): boolean {
    return settlesAfterSeconds !== undefined && performance.now() - this.#unchangedSince >= settlesAfterSeconds * 1000;
  }

  async #tellTroubles(readiness: Readiness, signal: AbortSignal): Promise<void> {
    if (performance.now() - this.#troublesAskedAt < troublesInterval) {
      if (this.#status === "") this.#tell(readiness.progress);
      return;
    }
    this.#troublesAskedAt = performance.now();
    const [trouble] = await podTroubles(this.#objects, this.last, this.#rule, signal);
    this.#tell(trouble ?? readiness.progress);
  }

  #tell(status: string): void {
    if (status === this.#status) return;
    this.#status = status;
    this.#log.status(status);
  }
}

/** Every pod of a workload is listed for this, so not at every look. */
const troublesInterval = 3_000;

async function notReady(objects: Objects, watch: Watch, rule: ReadinessRule, headline: string): Promise<NotReadyError> {
  const found = await explanations(objects, watch.last, rule).catch(() => []);
  return new NotReadyError(watch.last, headline, [...new Set([...(watch.readiness?.faults ?? []), ...found])]);
}
