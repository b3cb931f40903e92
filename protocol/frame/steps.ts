import { channel } from "node:diagnostics_channel";

/** A moment in a protocol at which the run may be cut off. */
export interface StepEvent {
  readonly protocol: "init" | "unseal" | "admin-access" | "rekey";
  readonly step: string;
  readonly moment: "before" | "after";
}

/**
 * Is told of every step; the protocol waits for it. Production passes {@link publishStep}, a test one that kills the
 * run, cuts its connections or starts a second run at exactly this moment.
 */
export type StepObserver = (event: StepEvent) => Promise<void>;

/** Name of the diagnostics channel that carries each {@link StepEvent} of a real run. */
export const stepChannelName = "vaultstack:protocol-step";

const stepChannel = channel(stepChannelName);

/** Tells whoever listens in this process, before the protocol goes on; by itself it changes nothing. */
export const publishStep: StepObserver = (event) => {
  stepChannel.publish(event);
  return Promise.resolve();
};

/** One named step over the state of a run. */
export interface Step<State> {
  readonly name: string;
  /** Left out of this run when false. */
  applies?(state: State): boolean;
  /** May name an earlier step to continue from, when what it relied on has changed. */
  run(state: State): Promise<undefined | { readonly goTo: string }>;
}

/** How often a run may go back before it gives up: each time somebody else must have changed something. */
const maxReturns = 5;

/**
 * Runs the steps in order. A step that throws ends the run, and nothing more is done, as if the run had been killed.
 */
export async function runSteps<State>(
  protocol: StepEvent["protocol"],
  steps: readonly Step<State>[],
  state: State,
  observe: StepObserver,
): Promise<void> {
  let returns = 0;
  for (let index = 0; index < steps.length; index++) {
    const step = steps[index];
    if (step === undefined || step.applies?.(state) === false) continue;
    await observe({ protocol, step: step.name, moment: "before" });
    const next = await step.run(state);
    await observe({ protocol, step: step.name, moment: "after" });
    if (next !== undefined) {
      returns += 1;
      const target = steps.findIndex((candidate) => candidate.name === next.goTo);
      if (returns > maxReturns || target < 0) {
        throw new Error(
          `${protocol}: what was found kept changing at step ${step.name}; run \`up\` again when nobody else changes it`,
        );
      }
      index = target - 1;
    }
  }
}
