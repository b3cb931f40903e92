import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Name of the one context in the kubeconfig of the stand-in. */
export const offlineContext = "test-context";

/** What stands for the cluster and for Vault while a graph is recorded. */
export interface OfflineCluster {
  /** Base URL of both. */
  readonly url: string;
  /** The same with TLS, which nothing there actually serves. */
  readonly secureUrl: string;
  /** Path of the kubeconfig that leads there. */
  readonly kubeconfig: string;
  /** Stops it. */
  close(): void;
}

/**
 * Answers what the program asks before it declares anything: whether Vault serves, and what is stored in the cluster,
 * which is nothing. It listens only on the loopback address.
 * @param serving Whether Vault serves.
 */
export async function offlineCluster(serving: boolean): Promise<OfflineCluster> {
  const sealStatus = { initialized: true, sealed: !serving, cluster_id: "the-cluster" };
  const server = createServer((request, response) => {
    if (request.url?.startsWith("/apis/apps/") === true) response.writeHead(404).end("{}");
    else response.end(JSON.stringify(sealStatus));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const folder = mkdtempSync(join(tmpdir(), "vaultstack-graph-"));
  const kubeconfig = join(folder, "kubeconfig");
  const access = {
    contexts: [{ name: offlineContext, context: { cluster: "test", user: "test" } }],
    clusters: [{ name: "test", cluster: { server: url } }],
    users: [{ name: "test", user: {} }],
  };
  writeFileSync(kubeconfig, JSON.stringify(access));
  return {
    url,
    secureUrl: url.replace(/^http:/, "https:"),
    kubeconfig,
    close: () => {
      server.close();
      server.closeAllConnections();
      rmSync(folder, { recursive: true });
    },
  };
}
