/** What a stack has inside its Vault: the same on every kind of server, so that a workload sees no difference. */
import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type * as tls from "@pulumi/tls";
import { KubernetesAuth } from "../components/access/logins/kubernetes-auth.ts";
import { accessOfVault } from "../components/access/matrix/access-ledger.ts";
import { KvEngine } from "../components/engines/kv/kv.ts";
import { PreviewAccess } from "../components/vault/bootstrap/preview-access.ts";
import type { VaultBootstrap } from "../components/vault/bootstrap/vault-bootstrap.ts";
import type { VaultServer } from "../components/vault/server/vault-server.ts";
import { demo } from "../demo/demo.ts";
import type { StackConfig } from "./config.ts";
import { createDatabase } from "./database.ts";
import { agentLogins } from "./logins/agent-logins.ts";
import { consumerLogins } from "./logins/consumer-logins.ts";
import { jwtLogin } from "./logins/jwt-login.ts";
import { ldapLogin } from "./logins/ldap-login.ts";
import { lifetimesOf } from "./lifetimes.ts";
import { operatorOfStack } from "./operator.ts";
import { outputsVersion, type PendingOutputs } from "./outputs.ts";
import { publishOutputs } from "./published-outputs.ts";

/** The Vault, and how to act on it and on its cluster. */
export interface PlatformArgs {
  readonly config: StackConfig;
  readonly server: VaultServer;
  readonly bootstrap: VaultBootstrap;
  /** Options of everything in the cluster. */
  readonly cluster: { readonly provider: k8s.Provider };
  /** Provider of keys and certificates. @default - the default one, where the settings leave it on */
  readonly certificates?: tls.Provider;
  /** What must exist before anything is created inside Vault. */
  readonly audit: pulumi.Resource;
  /** What everything inside Vault is deleted with. */
  readonly withVault: { readonly deletedWith: pulumi.Resource };
  /** What must exist before Vault can connect to anything outside the stack. */
  readonly egress: readonly pulumi.Resource[];
  /** Outputs about Vault itself. */
  readonly vaultOutputs: Pick<PendingOutputs, Extract<keyof PendingOutputs, `vault${string}`>>;
}

/**
 * A store, a database with logins for it, who may log in to what, the delivery by an operator, and the demonstration
 * where the settings ask for it.
 */
export async function platform(args: PlatformArgs): Promise<PendingOutputs> {
  const { config, server, bootstrap, cluster, audit, withVault, vaultOutputs } = args;
  const { adopt, custody, logins, nodeAddress, refreshAfter } = config;
  const { provider, session, compares } = bootstrap;
  const insideVault = { ...withVault, provider, dependsOn: [audit] };
  const clusterAndVault = { ...withVault, providers: [cluster.provider, provider], dependsOn: [audit] };

  const database = await createDatabase({ ...args, session, insideVault });
  const { engine } = database;
  const kv = new KvEngine("secret", { seeds: config.seeds, adopt }, insideVault);
  const auth = new KubernetesAuth("workloads", { path: "workloads", adopt, roles: {} }, insideVault);
  const connectOperator = operatorOfStack(config, { auth, server, cluster }, clusterAndVault);
  const people = logins.ldap === null ? null : ldapLogin({ login: logins.ldap, kv, adopt }, insideVault);

  const lifetimes = lifetimesOf(config.server.topology);
  const around = { server, kv, engine, connectOperator, lifetimes, nodeAddress, refreshAfter, adopt };
  const shown =
    config.demo.kind === "none" ? null : demo({ ...around, ...config.demo, cluster, insideVault, clusterAndVault });
  // Formerly the mount of all workloads: teams that have not read the outputs since still log in there.
  const formerAuth = shown?.auth ?? null;

  const { consumers, agents, jwt } = logins;
  const outputs = {
    outputsVersion,
    ...vaultOutputs,
    kvMount: kv.path,
    ldapAuthPath: people?.path ?? "",
    ...database.outputs,
    ...consumerLogins({ consumers, auth, formerAuth, kv, engine }, insideVault),
    ...jwtLogin({ login: jwt, kv, engine, adopt, reachable: args.egress }, insideVault),
    ...agentLogins({ agents, issuerAuth: auth, formerAuth, kv, engine, adopt }, insideVault),
    demo: shown?.outputs ?? {},
  };
  // Last: what is declared later is neither visible to previews nor in the matrix.
  if (custody !== null) new PreviewAccess("preview-access", insideVault);
  const accessMatrix = accessOfVault(provider);
  return publishOutputs({ ...outputs, accessMatrix }, vaultOutputs.vaultNamespace, compares, cluster);
}
