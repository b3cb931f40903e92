import { createIn, type PostgresReadyInputs } from "../../protocol/database/postgres-ready-resource.ts";
import { fakeContext, FakeKubernetes } from "../support/fake-kubernetes.ts";
import { PostgresRelay } from "../support/postgres-relay.ts";
import type { RequestScenario } from "../support/request-walk.ts";
import { walkedPostgres } from "./postgres-scenarios.ts";

/** A server is waited for, in its pod and by its superuser; nothing is changed for it. */
export async function postgresReady(): Promise<RequestScenario[]> {
  const { server } = await walkedPostgres();
  const open: RequestScenario["open"] = async () => {
    const relay = await PostgresRelay.start(server.port);
    const kube = new FakeKubernetes("postgres", "postgres", [{ name: "postgres-0", port: () => relay.port }]);
    await kube.listen();
    const inputs: PostgresReadyInputs = {
      ...{ kubeContext: fakeContext, namespace: "postgres", statefulSet: "postgres", pod: "postgres-0" },
      ...{ port: 5432, tls: null, podsFingerprint: "fingerprint", protocolVersion: 1 },
      ...{ username: "postgres", password: server.password },
    };
    const written: string[] = [];
    let isAnswered = false;
    return {
      world: { kube, vaults: [], close: () => kube.close() },
      relay,
      run: async (context) => ({ ...(await createIn(context, inputs)).outs, password: null }),
      saw: ({ server: to, method, path }) => {
        const isLook = ["GET", "CONNECT"].includes(method) || path.startsWith("SELECT ");
        if (!isLook) written.push(`${to} ${method} ${path}`);
        isAnswered ||= path === "SELECT 1";
      },
      harm: () => Promise.resolve([...written, ...(isAnswered ? [] : ["it was not asked"])]),
      secrets: () => [server.password],
    };
  };
  return [{ name: "a server is waited for", open }];
}
