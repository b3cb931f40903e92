import { setTimeout } from "node:timers/promises";
import { connectKube } from "../../kube/kube-client.ts";
import type { DevStack } from "./dev-stack.ts";
import type { RunningEngine } from "./live-stack.ts";

/** Starts a first `up` and waits until the keys Secret says how far it is; asks often, for the moment is short. */
export async function upUntilKeysAre(wanted: "intent" | "initialized", dev: DevStack): Promise<RunningEngine> {
  dev.stack.enter();
  const kube = await connectKube("vaultstack-sandbox");
  const up = dev.stack.startUp();
  const tooSoon = up.done.then(({ output }) => {
    throw new Error(`the run ended before the keys Secret said ${wanted}:\n${output}`);
  });
  // Unobserved once the moment was met.
  tooSoon.catch(() => undefined);
  for (;;) {
    const secret = await Promise.race([kube.readSecret(dev.namespace, "vault-keys"), tooSoon]);
    const found = secret?.metadata.annotations?.["vaultstack.io/state"];
    if (found === wanted) return up;
    if (found === "initialized") throw new Error(`the keys Secret was past ${wanted} when it was first seen`);
    await setTimeout(5);
  }
}
