/**
 * The demonstration that the shipped stacks carry: applications that show what the platform below them is for. No part
 * of the platform needs it, and a stack with `demo: {kind: none}` has none of it.
 */
import type * as pulumi from "@pulumi/pulumi";
import { KubernetesAuth } from "../components/access/logins/kubernetes-auth.ts";
import { Policy } from "../components/access/policy.ts";
import { createIdentity, createNamespace } from "../components/cluster/identity.ts";
import { readSecret } from "../components/engines/kv/kv-rules.ts";
import { nodeUrl } from "../shared/node-url.ts";
import { deliveredSecret } from "./delivered-secret.ts";
import { type DeliveryArgs, deliverSecrets } from "./delivered-secrets.ts";
import { WebApp } from "./web-app.ts";

/** The platform that it demonstrates, and where it runs. */
export interface DemoArgs extends Omit<DeliveryArgs, "auth" | "account" | "role" | "secret"> {
  /** Whether mounts that exist already are taken over. */
  readonly adopt: boolean;
  /** Address at which this machine reaches node ports. */
  readonly nodeAddress: string;
  /** Node port of the web application; undefined for none. */
  readonly webAppNodePort: number | undefined;
  /** Namespace of the web application, which the demonstration creates like the others. */
  readonly webAppNamespace: string;
  /** Namespace of the second workload identity. */
  readonly appNamespace: string;
  /** Options of everything inside Vault. */
  readonly insideVault: pulumi.ComponentResourceOptions;
}

/** What the demonstration tells people; each is a string. */
export interface DemoOutputs {
  /** URL of the web application; empty when it has no node port. */
  readonly webAppUrl: pulumi.Output<string>;
  /** Namespace of the web application. */
  readonly webAppNamespace: pulumi.Output<string>;
  /** Mount path of the login method of the web application, without `auth/`. */
  readonly webAppAuthPath: pulumi.Output<string>;
  /** Role of the web application. */
  readonly webAppRole: pulumi.Output<string>;
  /** Audience of the token that the web application logs in with. */
  readonly webAppAudience: string;
  /** API path of the secret that the web application reads, without `v1/`. */
  readonly webAppSecretPath: pulumi.Output<string>;
  /** Namespace of the second workload identity. */
  readonly appNamespace: pulumi.Output<string>;
  /** Service account of the second workload identity. */
  readonly appServiceAccount: pulumi.Output<string>;
  /** Mount path of the login method of the second workload identity, without `auth/`. */
  readonly appAuthPath: pulumi.Output<string>;
  /** Role of the second workload identity. */
  readonly appRole: pulumi.Output<string>;
  /** Audience of the token that the second workload identity logs in with. */
  readonly appAudience: string;
  /**
   * Kubernetes Secret that the operator keeps up to date for the second workload identity; empty without an operator.
   */
  readonly appSecretName: pulumi.Input<string>;
}

/** What the demonstration consists of. */
export interface Demo {
  readonly outputs: DemoOutputs;
  /** Login method of the applications that do not know Vault. */
  readonly auth: KubernetesAuth;
}

/** A web application that reads its secret itself, and applications that get theirs from an operator. */
export function demo(args: DemoArgs): Demo {
  const { adopt, cluster, insideVault, kv, server } = args;
  const { workloadToken } = args.lifetimes;
  const secret = kv.secret(deliveredSecret.name);
  const policies = [new Policy("webapp", { rules: readSecret(secret) }, insideVault)];
  const identity = (name: string, namespaceName: string, namespace: string) =>
    createIdentity(name, createNamespace(namespaceName, namespace, cluster), cluster);

  const webAppAccount = identity("webapp", "webapp-namespace", args.webAppNamespace);
  const audience = "https://kubernetes.default.svc.cluster.local";
  const webAppRole = { serviceAccounts: [webAppAccount], audience, policies, lifetime: workloadToken };
  const login = new KubernetesAuth("kubernetes", { adopt, roles: { webapp: webAppRole } }, insideVault).logins.webapp;

  const account = identity("demo-static-app", "app-namespace", args.appNamespace);
  const auth = new KubernetesAuth("demo-auth-mount", { path: "demo-auth-mount", adopt, roles: {} }, insideVault);
  const role = { audience: "vault", lifetime: workloadToken } as const;
  const delivery = deliverSecrets({ ...args, auth, account, role, secret });
  const role1 = delivery?.login ?? auth.addRole("role1", { ...role, serviceAccounts: [account], policies });

  const webApp = new WebApp(
    "webapp",
    {
      serviceAccount: webAppAccount,
      vaultAddress: server.internalAddress,
      vaultCaCertificate: server.caCertificate ?? undefined,
      login,
      secret,
      image: args.image,
      nodePort: args.webAppNodePort,
    },
    cluster,
  );
  const outputs = {
    webAppUrl: webApp.nodePort.apply((port) => nodeUrl(args.nodeAddress, "http", port) ?? ""),
    webAppNamespace: webAppAccount.metadata.namespace,
    webAppAuthPath: login.authPath,
    webAppRole: login.roleName,
    webAppAudience: login.audience,
    webAppSecretPath: secret.dataPath,
    appNamespace: account.metadata.namespace,
    appServiceAccount: account.metadata.name,
    appAuthPath: role1.authPath,
    appRole: role1.roleName,
    appAudience: role1.audience,
    appSecretName: delivery?.secrets["vault-kv-app"].secretName ?? "",
  };
  return { outputs, auth };
}
