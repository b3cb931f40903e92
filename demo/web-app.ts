import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { KubernetesLogin } from "../components/access/logins/kubernetes-auth.ts";
import type { KvSecret } from "../components/engines/kv/kv.ts";
import { childOptions, componentOptions } from "../components/shared/child-options.ts";
import { rejectFaults } from "../shared/errors.ts";
import { selectorLabels, standardLabels } from "../shared/labels.ts";
import { images } from "../shared/versions.ts";
import { replicaFaults, sampleContainer, samplePod } from "./sample-pod.ts";

/** A workload that shows a secret. */
export interface WebAppArgs {
  /** Identity of the pods; the login's role must admit it. Its namespace is the application's. */
  readonly serviceAccount: k8s.core.v1.ServiceAccount;
  /** Address of Vault inside the cluster. */
  readonly vaultAddress: pulumi.Input<string>;
  /**
   * PEM bundle that Vault is verified with; a new one restarts the pods.
   * @default - none: the address is plain HTTP
   */
  readonly vaultCaCertificate?: pulumi.Input<string> | undefined;
  /** The role to log in under. */
  readonly login: KubernetesLogin;
  /** The secret to show; the role's policies must allow reading it. */
  readonly secret: KvSecret;
  /** Image of the application, listening on 8080. @default images.webApp */
  readonly image?: string;
  /** Number of pods. @default 1 */
  readonly replicas?: number;
  /** Node port that leads to the application. @default - none: reachable only in the cluster */
  readonly nodePort?: number | undefined;
}

const tokenDirectory = "/var/run/secrets/vault";
const authorityFile = { directory: "/etc/vault", name: "ca.crt" } as const;

/** The shortest lifetime Kubernetes grants a token; the kubelet renews it in place. */
const tokenSeconds = 600;

/**
 * A small web application that reads a secret again on each request, with nothing but its pod's identity: a token for
 * Vault's audience that lives ten minutes, projected into the pod. A changed secret shows without a redeploy.
 *
 * Creates the Deployment and its Service. The service account is the caller's, because the role is bound to it first.
 * @example
 * new WebApp("webapp", { serviceAccount, vaultAddress: server.internalAddress, login: auth.logins.webapp, secret });
 */
export class WebApp extends pulumi.ComponentResource {
  /** Node port of the application; an output of undefined when there is none. Resolves once the pods are ready. */
  public readonly nodePort: pulumi.Output<number | undefined>;

  public constructor(name: string, args: WebAppArgs, opts?: pulumi.ComponentResourceOptions) {
    super("vaultstack:workloads:WebApp", name, {}, componentOptions(opts));
    rejectFaults(this, webAppFaults(args));
    const child = childOptions(this, opts);
    const labelArgs = { name: "web-app", instance: name, component: "server" };
    const labels = standardLabels(labelArgs);
    const selector = selectorLabels(labelArgs);
    const metadata = { name, namespace: args.serviceAccount.metadata.namespace, labels };

    const { vaultCaCertificate } = args;
    // Without a name, so that a changed bundle gets a new one and the pods are rolled over to it.
    const authorities =
      vaultCaCertificate === undefined
        ? undefined
        : new k8s.core.v1.ConfigMap(
            `${name}-vault-ca`,
            {
              metadata: { namespace: metadata.namespace, labels },
              immutable: true,
              data: { [authorityFile.name]: vaultCaCertificate },
            },
            child,
          );

    const deployment = new k8s.apps.v1.Deployment(
      name,
      {
        metadata,
        spec: {
          replicas: args.replicas ?? 1,
          selector: { matchLabels: selector },
          template: { metadata: { labels }, spec: podSpec(args, authorities?.metadata.name) },
        },
      },
      child,
    );
    const service = new k8s.core.v1.Service(
      `${name}-service`,
      {
        metadata,
        spec: {
          type: args.nodePort === undefined ? "ClusterIP" : "NodePort",
          selector,
          ports: [
            {
              name: "http",
              port: 80,
              targetPort: "http",
              ...(args.nodePort !== undefined && { nodePort: args.nodePort }),
            },
          ],
        },
      },
      // Without a pod to lead to, Pulumi would only wait for the Service, and lose it if the run is killed meanwhile.
      pulumi.mergeOptions(child, { dependsOn: [deployment] }),
    );

    this.nodePort = service.spec.ports.apply(([port]) => port?.nodePort);
    this.registerOutputs({ nodePort: this.nodePort });
  }
}

/** Every fault of the application's arguments. */
export function webAppFaults({ replicas }: Pick<WebAppArgs, "replicas">): string[] {
  return replicaFaults(replicas);
}

function podSpec(args: WebAppArgs, authorities: pulumi.Output<string> | undefined): k8s.types.input.core.v1.PodSpec {
  const token = { path: "token", audience: args.login.audience, expirationSeconds: tokenSeconds };
  return {
    ...samplePod,
    serviceAccountName: args.serviceAccount.metadata.name,
    containers: [container(args)],
    volumes: [
      { name: "vault-token", projected: { sources: [{ serviceAccountToken: token }] } },
      ...(authorities === undefined ? [] : [{ name: "vault-ca", configMap: { name: authorities } }]),
    ],
  };
}

function isTls({ vaultCaCertificate }: WebAppArgs): boolean {
  return vaultCaCertificate !== undefined;
}

function container(args: WebAppArgs): k8s.types.input.core.v1.Container {
  return {
    ...sampleContainer,
    name: "web-app",
    image: args.image ?? images.webApp,
    env: [
      { name: "VAULT_ADDR", value: args.vaultAddress },
      { name: "VAULT_AUTH_PATH", value: args.login.authPath },
      { name: "VAULT_ROLE", value: args.login.roleName },
      { name: "VAULT_SECRET_PATH", value: args.secret.dataPath },
      { name: "TOKEN_PATH", value: `${tokenDirectory}/token` },
      ...(isTls(args) ? [{ name: "VAULT_CACERT", value: `${authorityFile.directory}/${authorityFile.name}` }] : []),
    ],
    volumeMounts: [
      { name: "vault-token", mountPath: tokenDirectory, readOnly: true },
      ...(isTls(args) ? [{ name: "vault-ca", mountPath: authorityFile.directory, readOnly: true }] : []),
    ],
  };
}
