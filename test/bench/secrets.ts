/** Many static secrets in one stack, against as many custom resources applied by hand to the same cluster. */
import { z } from "zod";
import { progress } from "../../scripts/steps.ts";
import { DeliveryStack } from "../support/delivery-vault.ts";
import { eventually } from "../support/live-stack.ts";
import { type Figure, must, timed } from "./figures.ts";

/** Number of secrets. */
const count = 200;

const names = z.object({
  items: z.array(z.object({ metadata: z.object({ name: z.string(), creationTimestamp: z.string() }) })),
});

/** Measures delivery and preview of many secrets. */
export async function compareSecrets(): Promise<Figure[]> {
  const delivery = await DeliveryStack.create("bench-many", { certificate: null, staticSecrets: 0 });
  try {
    await measured("up without a secret", () => must(delivery.stack.up()));
    delivery.choose({ certificate: null, staticSecrets: count });
    const up = await measured(`up that adds ${count} secrets`, () => must(delivery.stack.up()));
    const slowest = await slowestOf(delivery, "config-");
    progress(`the slowest secret was there after ${slowest} s`);
    const resources = (await delivery.stack.exportState()).state.resources.length;
    const noop = () => must(delivery.stack.preview("--expect-no-changes"));
    const preview = await measured(`no-op preview of ${resources} resources`, noop);

    const manifests = byHand(delivery.namespace);
    const kubectl = (...args: string[]) => delivery.stack.kubectlWithInput(manifests, ...args, "-f", "-");
    const applied = await measured("the same secrets by kubectl apply", async () => {
      await kubectl("apply");
      await eventually("all are delivered", async () => (await delivered(delivery, "hand-")).size === count, 300);
    });
    const slowestByHand = await slowestOf(delivery, "hand-");
    const compared = await measured("kubectl diff", () => kubectl("diff"));
    await measured("kubectl delete", () => kubectl("delete"));
    return [
      {
        what: `up that adds ${count} secrets`,
        seconds: up,
        baseline: { what: `kubectl apply of ${count} secrets, until all are there`, seconds: applied },
      },
      {
        what: "from a secret's creation to its delivery, the slowest",
        seconds: slowest,
        baseline: { what: "the same, applied by hand", seconds: slowestByHand },
      },
      {
        what: `no-op preview, per resource of ${resources}`,
        seconds: preview / resources,
        baseline: { what: `kubectl diff, per object of ${count}`, seconds: compared / count },
      },
    ];
  } finally {
    await measured("destroy", () => delivery.remove());
  }
}

/** How long something long takes, in seconds; told at once, since the whole takes a quarter of an hour. */
async function measured(what: string, work: () => Promise<unknown>): Promise<number> {
  const seconds = await timed(work);
  progress(`${what}: ${seconds.toFixed(1)} s`);
  return seconds;
}

/** Secrets by name with the time they were made, in seconds. */
async function delivered(delivery: DeliveryStack, prefix: string): Promise<Map<string, number>> {
  return createdAt(delivery, "secrets", prefix);
}

async function createdAt(delivery: DeliveryStack, plural: string, prefix: string): Promise<Map<string, number>> {
  const json = await delivery.stack.kubectl("-n", delivery.namespace, "get", plural, "-o", "json");
  const { items } = names.parse(JSON.parse(json));
  const own = items.filter(({ metadata }) => metadata.name.startsWith(prefix));
  return new Map(own.map(({ metadata }) => [metadata.name, Date.parse(metadata.creationTimestamp) / 1000]));
}

/** Kubernetes remembers whole seconds, so this is at most one off. */
async function slowestOf(delivery: DeliveryStack, prefix: string): Promise<number> {
  const asked = await createdAt(delivery, "vaultstaticsecrets", prefix);
  const written = await delivered(delivery, prefix);
  const waits = Array.from(asked, ([name, since]) => (written.get(name) ?? Number.POSITIVE_INFINITY) - since);
  return Math.max(...waits);
}

/** As many custom resources as the stack has, for the same secrets by the same login. */
function byHand(namespace: string): string {
  const items = Array.from({ length: count }, (_, index) => ({
    apiVersion: "secrets.hashicorp.com/v1beta1",
    kind: "VaultStaticSecret",
    metadata: { name: `hand-${index}`, namespace },
    spec: {
      vaultAuthRef: `${namespace}/many`,
      type: "kv-v2",
      mount: "kv",
      path: `config-${index}`,
      destination: { name: `hand-${index}`, create: true },
      refreshAfter: "3600s",
      hmacSecretData: true,
    },
  }));
  return JSON.stringify({ apiVersion: "v1", kind: "List", items });
}
