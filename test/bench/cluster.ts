/** A cluster of three servers, against one made by hand on the same cluster. */
import { demoSettings, vaultOnly } from "../support/dev-stack.ts";
import { eventually, LiveStack } from "../support/live-stack.ts";
import * as byHand from "./by-hand.ts";
import { installCluster } from "./by-hand-cluster.ts";
import { type Figure, median, must, timed } from "./figures.ts";

const clusterOnly = [...vaultOnly, "--target", "**vault-tls**", "--target", "**vault-scale-down"];

/**
 * Measures how a cluster comes up, is looked at and goes.
 * @param folder Folder for what is made by hand.
 */
export async function compareClusters(folder: string): Promise<Figure[]> {
  const figures: Figure[] = [];
  const name = "bench-ha";
  const stack = await LiveStack.create(
    name,
    {
      server: "raft",
      raftSpread: "preferred",
      passthrough: { kind: "none" },
      nodePort: 30226,
      demo: demoSettings(name, 30_227),
      postgresNamespace: `${name}-postgres`,
      // There can be one in a cluster, and the stack of the sandbox may have it.
      secretsOperator: "none",
    },
    { 'kvSeeds["webapp/config"].username': "static-user", 'kvSeeds["webapp/config"].password': "static-password" },
  );
  stack.enter();
  const options = { folder, vaultImage: "hashicorp/vault:1.21.0", webAppImage: "vaultstack/web-app:0.2.0" };
  const firstPod = async (namespace: string): Promise<number> => {
    const pods = ["-n", namespace, "get", "pods", "--ignore-not-found", "-o", "name"];
    await eventually("the first pod exists", async () => (await stack.kubectl(...pods)) !== "", 120);
    return performance.now();
  };
  const sinceFirstPod = async (namespace: string, work: () => Promise<unknown>): Promise<number> => {
    const begun = firstPod(namespace);
    await work();
    return (performance.now() - (await begun)) / 1000;
  };
  try {
    await byHand.remove(options);
    const made = await sinceFirstPod(byHand.namespace, () => installCluster(options));
    await byHand.remove(options);
    const voters = await sinceFirstPod(name, () => must(stack.up(...clusterOnly)));
    figures.push({
      what: "first pod to three voters",
      seconds: voters,
      baseline: { what: "the same by hand", seconds: made },
    });
    const rest = await timed(() => must(stack.up()));
    figures.push({ what: "what lives inside Vault and Postgres, and the web app", seconds: rest, baseline: null });
    const preview = await median(() => must(stack.preview("--expect-no-changes")));
    figures.push({ what: "no-op preview", seconds: preview, baseline: null });
    const noop = await median(() => must(stack.up("--expect-no-changes")));
    figures.push({ what: "no-op up", seconds: noop, baseline: null });
    figures.push({ what: "destroy", seconds: await timed(() => must(stack.destroy())), baseline: null });
    return figures;
  } finally {
    await byHand.remove(options);
    await stack.destroy();
    stack.forget();
  }
}
