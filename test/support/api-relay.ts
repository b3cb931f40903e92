import { writeFileSync } from "node:fs";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { stringify } from "yaml";
import { z } from "zod";
import type { LiveStack } from "./live-stack.ts";
import { temporaryFolder } from "../../sandbox/test/support/temporary-folder.ts";

const kubeconfig = z.looseObject({
  clusters: z.array(z.looseObject({ name: z.string(), cluster: z.looseObject({ server: z.url() }) })),
});

/** A wire between a run and the API server that can be cut. */
export interface ApiRelay {
  /** Path of a kubeconfig that leads through it. */
  readonly kubeconfig: string;
  /** Ends every connection and lets no new one through. */
  cut(): void;
}

/** Puts a relay before the sandbox's API server, for the test that is running. */
export async function apiRelay(stack: LiveStack): Promise<ApiRelay> {
  const config = kubeconfig.parse(JSON.parse(await stack.kubectl("config", "view", "--raw", "-o", "json")));
  const server = new URL(config.clusters[0]?.cluster.server ?? "");
  const sockets = new Set<Socket>();
  let isCut = false;
  const relay = createServer((client) => {
    if (isCut) {
      client.destroy();
      return;
    }
    const upstream = connect(Number(server.port), server.hostname);
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from);
      from.pipe(to);
      from.on("error", () => from.destroy());
      from.on("close", () => {
        sockets.delete(from);
        to.destroy();
      });
    }
  });
  const cut = (): void => {
    isCut = true;
    for (const socket of sockets) socket.destroy();
  };
  relay.listen(0, "127.0.0.1");
  await once(relay, "listening");
  onTestFinished(() => {
    cut();
    relay.close();
  });
  const { port } = relay.address() as AddressInfo;
  const file = join(temporaryFolder(), "kubeconfig");
  const clusters = config.clusters.map((entry) => ({
    ...entry,
    cluster: { ...entry.cluster, server: `https://127.0.0.1:${port}` },
  }));
  writeFileSync(file, stringify({ ...config, clusters }), { mode: 0o600 });
  return { kubeconfig: file, cut };
}
