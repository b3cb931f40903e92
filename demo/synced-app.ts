import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { RolloutTarget } from "../components/delivery/custom-resources/destination.ts";
import { childOptions, componentOptions } from "../components/shared/child-options.ts";
import { fault, rejectFaults } from "../shared/errors.ts";
import { selectorLabels, standardLabels } from "../shared/labels.ts";
import { images } from "../shared/versions.ts";
import { replicaFaults, sampleContainer, samplePod } from "./sample-pod.ts";
import {
  type AgentInjection,
  agentAnnotations,
  agentTokenVolume,
  injectedDirectory,
  injectionFaults,
} from "../components/delivery/agent-injection.ts";

/** A workload that consumes a delivered Secret without knowing Vault. */
export interface SyncedAppArgs {
  /** Identity of the pods; its namespace is the application's. */
  readonly serviceAccount: k8s.core.v1.ServiceAccount;
  /** Where the values come from, and how the pods see them. */
  readonly secret: SecretConsumption;
  /** Image of the application, listening on 8080. @default images.webApp */
  readonly image?: string;
  /** Number of pods. @default 1 */
  readonly replicas?: number;
}

/** How pods see a Secret. */
export type SecretConsumption =
  | {
      /** Files in `/etc/secrets`, which the kubelet replaces when the Secret changes. */
      readonly kind: "files";
      /** Name of the Secret. */
      readonly secretName: pulumi.Input<string>;
    }
  | {
      /** Environment variables, which stay as they were when the pod started. */
      readonly kind: "variables";
      /** Name of the Secret. */
      readonly secretName: pulumi.Input<string>;
      /** What the names of the variables begin with; the Secret's keys follow. */
      readonly prefix: string;
      /** The workloads that are restarted when the Secret changes: this one must be among them. */
      readonly rolloutRestart: readonly RolloutTarget[];
    }
  | {
      /**
       * Files in `/vault/secrets` that a Vault Agent next to the application writes: no Secret, but another container.
       */
      readonly kind: "agent";
      readonly injection: AgentInjection;
    };

const containerName = "app";
const secretDirectory = "/etc/secrets";

/**
 * An application that consumes a delivered Secret as files or environment variables, or as files that an agent writes.
 *
 * Creates the Deployment under the component's name. The operator restarts it by that name, so a Secret can name it
 * before it exists.
 * @example
 * new SyncedApp(
 *   "vso-db-demo",
 *   { serviceAccount, replicas: 3, secret: { kind: "files", secretName: secret.metadata.name } },
 *   cluster,
 * );
 */
export class SyncedApp extends pulumi.ComponentResource {
  /** Name of the Deployment; resolves once its pods are ready. */
  public readonly deploymentName: pulumi.Output<string>;

  public constructor(name: string, args: SyncedAppArgs, opts?: pulumi.ComponentResourceOptions) {
    super("vaultstack:workloads:SyncedApp", name, {}, componentOptions(opts));
    rejectFaults(this, syncedAppFaults(name, args));
    const labelArgs = { name: "synced-app", instance: name, component: "server" };
    const labels = standardLabels(labelArgs);
    const deployment = new k8s.apps.v1.Deployment(
      name,
      {
        metadata: { name, namespace: args.serviceAccount.metadata.namespace, labels },
        spec: {
          replicas: args.replicas ?? 1,
          selector: { matchLabels: selectorLabels(labelArgs) },
          template: { metadata: { labels, ...podAnnotations(args) }, spec: podSpec(args) },
        },
      },
      childOptions(this, opts),
    );
    this.deploymentName = deployment.metadata.name;
    this.registerOutputs({ deploymentName: this.deploymentName });
  }
}

/** Every fault of the application's arguments. */
export function syncedAppFaults(
  name: string,
  { replicas, secret }: Pick<SyncedAppArgs, "replicas" | "secret">,
): string[] {
  const faults = replicaFaults(replicas);
  if (secret.kind === "files") return faults;
  if (secret.kind === "agent") return [...faults, ...injectionFaults("secret.injection", secret.injection)];
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(secret.prefix)) {
    faults.push(fault("secret.prefix", "must be letters, digits and underscores", secret.prefix, "write it as DB_"));
  }
  if (!secret.rolloutRestart.some((target) => target.kind === "Deployment" && target.name === name)) {
    const got = secret.rolloutRestart.map((target) => `${target.kind}/${target.name}`);
    const remedy = `add {kind: "Deployment", name: "${name}"} where the secret is delivered, or use files`;
    faults.push(
      fault("secret.rolloutRestart", "must restart this Deployment, whose variables never change", got, remedy),
    );
  }
  return faults;
}

function podSpec({ serviceAccount, secret, image }: SyncedAppArgs): k8s.types.input.core.v1.PodSpec {
  return {
    ...samplePod,
    serviceAccountName: serviceAccount.metadata.name,
    containers: [{ ...sampleContainer, name: containerName, image: image ?? images.webApp, ...consumption(secret) }],
    ...(secret.kind === "files" && {
      volumes: [{ name: "secrets", secret: { secretName: secret.secretName, defaultMode: 0o440 } }],
    }),
    ...(secret.kind === "agent" && { volumes: [agentTokenVolume(secret.injection.login)] }),
  };
}

function podAnnotations({ secret }: SyncedAppArgs): k8s.types.input.meta.v1.ObjectMeta {
  return secret.kind === "agent" ? { annotations: agentAnnotations(secret.injection, containerName) } : {};
}

function consumption(secret: SecretConsumption): Partial<k8s.types.input.core.v1.Container> {
  switch (secret.kind) {
    case "files":
      return {
        env: [{ name: "SECRET_DIRECTORY", value: secretDirectory }],
        volumeMounts: [{ name: "secrets", mountPath: secretDirectory, readOnly: true }],
      };
    case "variables":
      return {
        env: [{ name: "SECRET_VARIABLES", value: secret.prefix }],
        envFrom: [{ prefix: secret.prefix, secretRef: { name: secret.secretName } }],
      };
    case "agent":
      // The injector adds the volume.
      return { env: [{ name: "SECRET_DIRECTORY", value: injectedDirectory }] };
  }
}
