import { awaitTargets } from "../../protocol/delivery/rollout-targets-resource.ts";
import { awaitSync } from "../../protocol/delivery/sync-resource.ts";
import type { ProtocolContext } from "../../protocol/frame/protocol-context.ts";
import { fakeContext, FakeKubernetes } from "../support/fake-kubernetes.ts";
import type { RequestScenario } from "../support/request-walk.ts";

const place = { kubeContext: fakeContext, namespace: "app", timeoutSeconds: 60 };

/** What a secret restarts is waited for. */
export function rolloutTargets(): Promise<RequestScenario[]> {
  const targets = [{ kind: "Deployment", name: "web" }];
  const inputs = { ...place, secret: "VaultStaticSecret config", targets };
  return Promise.resolve([looking("workloads are waited for", ({ kube, clock }) => awaitTargets(kube, clock, inputs))]);
}

/** The operator is waited for. */
export function syncs(): Promise<RequestScenario[]> {
  const object = { apiVersion: "secrets.hashicorp.com/v1beta1", kind: "VaultStaticSecret", name: "config" };
  const inputs = { ...place, ...object, uid: "of-the-object", generation: 1 };
  return Promise.resolve([looking("an operator is waited for", ({ kube, clock }) => awaitSync(kube, clock, inputs))]);
}

/** A resource that looks at the cluster until it sees what it waits for, and changes nothing. */
function looking(name: string, run: (context: ProtocolContext) => Promise<object>): RequestScenario {
  return {
    name,
    open: async () => {
      const kube = new FakeKubernetes("app", "others", []);
      await kube.listen();
      kube.put("deployments", { metadata: { name: "web" } });
      kube.put("vaultstaticsecrets", {
        metadata: { name: "config", uid: "of-the-object", generation: 1 },
        status: { lastGeneration: 1 },
      });
      const written: string[] = [];
      let looks = 0;
      return {
        world: { kube, vaults: [], close: () => kube.close() },
        run,
        saw: ({ method, path }) => {
          looks += 1;
          if (method !== "GET") written.push(`${method} ${path}`);
        },
        harm: () => Promise.resolve([...written, ...(looks === 0 ? ["nothing was looked at"] : [])]),
        secrets: () => ["nothing of it is secret"],
      };
    },
  };
}
