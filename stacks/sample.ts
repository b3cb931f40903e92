import type * as pulumi from "@pulumi/pulumi";
import { KubernetesAuth } from "../components/access/logins/kubernetes-auth.ts";
import { Policy } from "../components/access/policy.ts";
import { KvEngine } from "../components/engines/kv/kv.ts";
import { readSecret } from "../components/engines/kv/kv-rules.ts";
import type { VaultServer } from "../components/vault/server/vault-server.ts";
import { WebApp } from "../components/workloads/web-app.ts";
import type { StackConfig } from "./config.ts";
import { agentLogins } from "./agent-logins.ts";
import { consumerLogins } from "./consumer-logins.ts";
import { deliveredSecret } from "./delivered-secret.ts";
import { type DeliveredParts, deliverSecrets } from "./delivered-secrets.ts";
import { createIdentity, createNamespace } from "./identity.ts";
import { jwtLogin } from "./jwt-login.ts";
import { ldapLogin } from "./ldap-login.ts";
import { lifetimes } from "./lifetimes.ts";
import { nodeUrl } from "./settings/node-url.ts";
import type { PendingOutputs } from "./outputs.ts";

/** Where the sample runs. */
export interface SampleArgs {
  readonly config: StackConfig;
  readonly server: VaultServer;
  /** Options of everything in the cluster. */
  readonly cluster: pulumi.CustomResourceOptions;
  /** Options of everything inside Vault. */
  readonly insideVault: pulumi.ComponentResourceOptions;
  /** What a secrets operator delivers besides the store's secret. */
  readonly delivered: DeliveredParts;
  /** What must be there before Vault can ask anybody outside of the stack. */
  readonly outward: readonly pulumi.Resource[];
}

/** Outputs about Vault itself and the database, which are not the sample's. */
type OtherOutputs = "outputsVersion" | "accessMatrix" | `vault${string}` | `database${string}`;

/**
 * A store with a secret, the logins of people where there is a directory, and two workload identities, one of which runs a web application that reads it. The same on every kind
 * of stack: what a workload sees of Vault does not depend on how many servers there are.
 * @param args Where it runs.
 * @returns The outputs about it.
 */
export function sample({
  config,
  server,
  cluster,
  insideVault,
  delivered,
  outward,
}: SampleArgs): Omit<PendingOutputs, OtherOutputs> {
  const { adoptExisting: adopt } = config;
  const { workloadToken } = lifetimes[config.profile];
  const kv = new KvEngine("secret", { seeds: config.kvSeeds, adopt }, insideVault);
  const secret = kv.secret(deliveredSecret.name);
  const readsSecret = new Policy("webapp", { rules: readSecret(secret) }, insideVault);

  const webAppAccount = createIdentity(
    "webapp",
    createNamespace("webapp-namespace", config.webAppNamespace, cluster),
    cluster,
  );
  const workloadAuth = new KubernetesAuth(
    "kubernetes",
    {
      adopt,
      roles: {
        webapp: {
          serviceAccounts: [webAppAccount],
          audience: "https://kubernetes.default.svc.cluster.local",
          policies: [readsSecret],
          lifetime: workloadToken,
        },
      },
    },
    insideVault,
  );
  const demoAccount = createIdentity(
    "demo-static-app",
    createNamespace("app-namespace", config.demoAppNamespace, cluster),
    cluster,
  );
  const demoAuth = new KubernetesAuth("demo-auth-mount", { path: "demo-auth-mount", adopt, roles: {} }, insideVault);
  const demoRole = { audience: "vault", lifetime: workloadToken } as const;
  const delivery = deliverSecrets({ config, server, cluster, delivered, demoAuth, demoAccount, demoRole, secret });

  const people = config.ldap === null ? null : ldapLogin({ login: config.ldap, kv, adopt }, insideVault);

  const { consumers } = config;
  const { engine } = delivered;
  const ofConsumers = consumerLogins({ consumers, auth: demoAuth, kv, engine }, insideVault);
  const { agents } = config;
  const ofIssuer = jwtLogin({ login: config.jwt, kv, engine, adopt, reachable: outward }, insideVault);
  const ofAgents = agentLogins({ agents, issuerAuth: demoAuth, kv, engine, adopt }, insideVault);

  const { webapp } = workloadAuth.logins;
  const role1 =
    delivery?.login ??
    demoAuth.addRole("role1", { ...demoRole, serviceAccounts: [demoAccount], policies: [readsSecret] });
  const webApp = new WebApp(
    "webapp",
    {
      serviceAccount: webAppAccount,
      vaultAddress: server.internalAddress,
      vaultCaCertificate: server.caCertificate ?? undefined,
      login: webapp,
      secret,
      image: config.webAppImage,
      nodePort: config.webAppNodePort,
    },
    cluster,
  );

  return {
    kvMount: kv.path,
    webAppUrl: webApp.nodePort.apply((port) => nodeUrl(config, "http", port) ?? ""),
    webAppNamespace: webAppAccount.metadata.namespace,
    webAppAuthPath: webapp.authPath,
    webAppRole: webapp.roleName,
    webAppAudience: webapp.audience,
    webAppSecretPath: secret.dataPath,
    ldapAuthPath: people?.path ?? "",
    demoAppNamespace: demoAccount.metadata.namespace,
    demoAppServiceAccount: demoAccount.metadata.name,
    demoAppAuthPath: role1.authPath,
    demoAppRole: role1.roleName,
    demoAppAudience: role1.audience,
    demoAppSecretName: delivery?.secrets["vault-kv-app"].secretName ?? "",
    ...ofConsumers,
    ...ofAgents,
    ...ofIssuer,
  };
}
