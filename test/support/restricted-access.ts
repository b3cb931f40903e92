import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { z } from "zod";
import type { LiveStack } from "./live-stack.ts";
import { temporaryFolder } from "../../sandbox/test/support/temporary-folder.ts";

const kubeconfig = z.looseObject({ users: z.array(z.looseObject({ name: z.string() })), contexts: z.unknown() });

/** What a stack needs of a cluster, Secrets apart. */
const rightsBesideSecrets = [
  {
    apiGroups: [""],
    resources: [
      "namespaces",
      "pods",
      "pods/portforward",
      "services",
      "configmaps",
      "serviceaccounts",
      "persistentvolumeclaims",
    ],
    verbs: ["*"],
  },
  { apiGroups: ["apps", "rbac.authorization.k8s.io", "coordination.k8s.io"], resources: ["*"], verbs: ["*"] },
];

/** An account of the cluster that may do what a stack does, and with Secrets only what it is granted. */
export interface RestrictedAccount {
  /** Path of its kubeconfig. */
  readonly kubeconfig: string;
  /** Changes what it may do with Secrets, besides reading one. */
  grant(verbs: readonly string[]): Promise<void>;
  remove(): Promise<void>;
}

/** Makes such an account, in a namespace of its own. For the test that is running. */
export async function restrictedAccount(stack: LiveStack, name: string): Promise<RestrictedAccount> {
  const grant = async (verbs: readonly string[]): Promise<void> => {
    const rules = [...rightsBesideSecrets, { apiGroups: [""], resources: ["secrets"], verbs: ["get", ...verbs] }];
    const role = { apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRole", metadata: { name }, rules };
    await stack.kubectlWithInput(JSON.stringify(role), "apply", "-f", "-");
  };
  const remove = async (): Promise<void> => {
    const objects = [`namespace/${name}`, `clusterrole/${name}`, `clusterrolebinding/${name}`];
    await stack.kubectl("delete", ...objects, "--ignore-not-found", "--wait");
  };
  await remove();
  await stack.kubectl("create", "namespace", name);
  await stack.kubectl("-n", name, "create", "serviceaccount", "runner");
  await grant([]);
  await stack.kubectl("create", "clusterrolebinding", name, `--clusterrole=${name}`, `--serviceaccount=${name}:runner`);
  const token = (await stack.kubectl("-n", name, "create", "token", "runner")).trim();
  return { kubeconfig: await kubeconfigWith(stack, token, temporaryFolder()), grant, remove };
}

/** Writes the stack's kubeconfig with another login into a folder, and returns its path. */
export async function kubeconfigWith(stack: LiveStack, token: string, folder: string): Promise<string> {
  const admin = kubeconfig.parse(JSON.parse(await stack.kubectl("config", "view", "--raw", "-o", "json")));
  const users = admin.users.map(({ name }) => ({ name, user: { token } }));
  const file = join(folder, "kubeconfig");
  writeFileSync(file, stringify({ ...admin, users }), { mode: 0o600 });
  return file;
}
