import * as k8s from "@pulumi/kubernetes";
import * as postgresql from "@pulumi/postgresql";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { NetworkPeer } from "../cluster/network-peer.ts";
import { childOptions, componentOptions } from "../shared/child-options.ts";
import { fault, rejectFaults } from "../../shared/errors.ts";
import { selectorLabels, skipAwait, standardLabels } from "../../shared/labels.ts";
import { isSize, type Size } from "../../shared/units.ts";
import { images } from "../../shared/versions.ts";
import { certificateFile } from "./certificate-file.ts";
import { configFiles, passwordKey, postgresPort, type PostgresResources } from "./pod-template.ts";
import { passwordFaults } from "./postgres-name.ts";
import type { PostgresReach } from "./postgres-reach.ts";
import { PostgresReady } from "./postgres-ready.ts";
import type { PostgresTarget } from "../../protocol/database/postgres-target.ts";
import type { Postgres } from "./postgres.ts";
import { authorityOnceServed } from "./served-authority.ts";
import { createServerCertificate, type ServerCertificate } from "./server-certificate.ts";
import { podsFingerprint, renderPostgresStatefulSet } from "./stateful-set-spec.ts";

/** What describes a Postgres server. */
export interface PostgresServerArgs {
  /**
   * Namespace, which the caller creates, since the data lives as long as it does. Plain, because DNS names derive from
   * it.
   */
  readonly namespace: string;
  /** Context of the kubeconfig the namespace is in. */
  readonly kubeContext: string;
  /** Where this machine finds the server, from `reachPostgres`. */
  readonly reach: PostgresReach;
  /**
   * Image with Postgres 17 or newer. Changing it restarts the pod; another major version cannot read the data.
   * @default images.postgres
   */
  readonly image?: string;
  /** Size of the volume. @default "1Gi" */
  readonly storageSize?: Size;
  /** Storage class of the volume. @default - the cluster's default class */
  readonly storageClass?: string | undefined;
  /**
   * Password of the superuser; secret. Printable ASCII without quotes and backslashes, at least 8 characters. Changing
   * it restarts the pod.
   * @default - 40 random letters and digits
   */
  readonly password?: pulumi.Output<string> | undefined;
  /** Takes over what is in a server that exists. @default false */
  readonly adopt?: boolean;
  /** Requests and limits of the container. @default - 50m and 64Mi, limited to 1 CPU and 512Mi */
  readonly resources?: PostgresResources;
}

const defaultResources: PostgresResources = {
  requests: { cpu: "50m", memory: "64Mi" },
  limits: { cpu: "1", memory: "512Mi" },
};

const superuser = "postgres";

/**
 * One Postgres server on Kubernetes, over TLS only:
 *
 * - a StatefulSet of one pod with a volume, its configuration, and a Service;
 * - a key with a certificate that is trusted directly, so that no authority can vouch for another server;
 * - Secrets with the key and the superuser's password, which appear in no argument or environment variable of a pod.
 *
 * The volume outlives the StatefulSet and is deleted with the namespace. Give it `dependsOn` the namespace.
 * @example
 * const reach = await reachPostgres(access, {
 *   kubeContext,
 *   namespace: "postgres",
 *   pod: podName("postgres"),
 *   port: postgresPort,
 * });
 * new PostgresServer("postgres", { namespace: "postgres", kubeContext, reach }, { provider, dependsOn: [namespace] });
 */
export class PostgresServer extends pulumi.ComponentResource implements Postgres {
  public readonly host: pulumi.Output<string>;
  public readonly port = postgresPort;
  public readonly peer: NetworkPeer;
  public readonly caCertificate: pulumi.Output<string>;
  public readonly own = true;
  public readonly adminUsername = superuser;
  public readonly adminPassword: pulumi.Output<string>;
  public readonly target: pulumi.Output<PostgresTarget>;
  public readonly provider: postgresql.Provider;

  public constructor(name: string, args: PostgresServerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("vaultstack:postgres:PostgresServer", name, {}, componentOptions(opts));
    rejectFaults(this, postgresServerFaults(args));
    const child = childOptions(this, opts);
    const build: Build = { name, args, child, service: name };

    this.adminPassword = superuserPassword(build, this);
    // The provider verifies the address it connects to, which may be this end of a tunnel.
    const certificate = createServerCertificate(name, [...serviceHosts(build), args.reach.host], child);
    const { statefulSet, podsFingerprint } = createStatefulSet(build, this.adminPassword, certificate);
    const service = createService(build);

    const { namespace, kubeContext, reach } = args;
    this.peer = { kind: "pods", namespace, selector: selectorLabels(labelArgs(build)), port: postgresPort };
    this.host = pulumi.interpolate`${service.metadata.name}.${service.metadata.namespace}.svc`;
    this.caCertificate = certificate.pem;
    const place = { kubeContext, namespace, pod: podName(name), port: postgresPort };
    const verification = this.caCertificate.apply((caCertificate) => ({
      serverName: serviceHost(build),
      caCertificate,
    }));
    this.target = verification.apply((tls): PostgresTarget => ({ kind: "pod", ...place, tls }));
    const ready = new PostgresReady(
      `${name}-ready`,
      {
        ...place,
        statefulSet: statefulSet.metadata.name,
        tls: verification,
        podsFingerprint,
        username: superuser,
        password: this.adminPassword,
      },
      child,
    );
    const { target, adminPassword: password } = this;
    const authority =
      args.adopt === true
        ? authorityOnceServed(this.caCertificate, { target, username: superuser, password })
        : this.caCertificate;
    this.provider = new postgresql.Provider(
      name,
      {
        host: reach.host,
        port: reach.port,
        username: superuser,
        password: this.adminPassword,
        database: "postgres",
        // Set explicitly: anything left out is taken from the environment of whoever runs this.
        sslmode: "verify-full",
        sslrootcert: certificateFile(name, authority),
        // It is a superuser. With `true`, the plugin would read password hashes back, which are Vault's business and
        // must not be in any state.
        superuser: false,
        connectTimeout: 30,
      },
      pulumi.mergeOptions(child, { dependsOn: [service, ready] }),
    );
    this.registerOutputs({ host: this.host });
  }
}

/** Name of the one pod of a server. */
export function podName(name: string): string {
  return `${name}-0`;
}

/** Every fault of a server's arguments that can be seen without its password. */
export function postgresServerFaults({ storageSize }: Pick<PostgresServerArgs, "storageSize">): string[] {
  if (storageSize === undefined || isSize(storageSize)) return [];
  return [fault("storageSize", "must be a positive whole number and a binary unit", storageSize, "write it as 10Gi")];
}

/** What the functions below share. */
interface Build {
  readonly name: string;
  readonly args: PostgresServerArgs;
  readonly child: pulumi.CustomResourceOptions;
  readonly service: string;
}

function labelArgs({ name }: Build) {
  return { name: "postgres", instance: name, component: "server" };
}

/** Without a name: a change makes another object under another name, which restarts the pod. */
function namelessMeta(build: Build): k8s.types.input.meta.v1.ObjectMeta {
  return { namespace: build.args.namespace, labels: standardLabels(labelArgs(build)) };
}

function objectMeta(build: Build, name: string): k8s.types.input.meta.v1.ObjectMeta {
  return { ...namelessMeta(build), name };
}

function serviceHost({ service, args }: Build): string {
  return `${service}.${args.namespace}.svc`;
}

function serviceHosts(build: Build): string[] {
  const host = serviceHost(build);
  return [host, build.service, `${build.service}.${build.args.namespace}`, `${host}.cluster.local`];
}

function superuserPassword({ name, args, child }: Build, component: pulumi.Resource): pulumi.Output<string> {
  if (args.password === undefined) {
    // Not RandomBytes: its id is its value, and ids are stored in the state in plain text.
    return new random.RandomPassword(`${name}-password`, { length: 40, special: false }, child).result;
  }
  return pulumi.secret(args.password).apply((password) => {
    rejectFaults(component, passwordFaults("password", password));
    return password;
  });
}

function createStatefulSet(
  build: Build,
  password: pulumi.Output<string>,
  certificate: ServerCertificate,
): { readonly statefulSet: k8s.apps.v1.StatefulSet; readonly podsFingerprint: pulumi.Output<string> } {
  const { name, args, child, service } = build;
  const configMap = new k8s.core.v1.ConfigMap(
    `${name}-config`,
    { metadata: namelessMeta(build), immutable: true, data: configFiles },
    child,
  );
  const passwordSecret = new k8s.core.v1.Secret(
    `${name}-superuser`,
    { metadata: namelessMeta(build), immutable: true, stringData: { [passwordKey]: password } },
    child,
  );
  const certificateSecret = new k8s.core.v1.Secret(
    `${name}-tls`,
    {
      metadata: namelessMeta(build),
      immutable: true,
      type: "kubernetes.io/tls",
      stringData: { "tls.crt": certificate.pem, "tls.key": certificate.key },
    },
    child,
  );
  const spec = {
    labels: standardLabels(labelArgs(build)),
    selector: selectorLabels(labelArgs(build)),
    service,
    image: args.image ?? images.postgres,
    resources: args.resources ?? defaultResources,
    storageSize: args.storageSize ?? "1Gi",
    storageClass: args.storageClass,
    configMap: configMap.metadata.name,
    passwordSecret: passwordSecret.metadata.name,
    certificateSecret: certificateSecret.metadata.name,
  } as const;
  const statefulSet = new k8s.apps.v1.StatefulSet(
    name,
    { metadata: unawaited(objectMeta(build, name)), spec: renderPostgresStatefulSet(spec) },
    child,
  );
  return { statefulSet, podsFingerprint: pulumi.output(spec).apply(podsFingerprint) };
}

/** Annotated so that its own resource does not wait for it: {@link PostgresReady} does. */
function unawaited(metadata: k8s.types.input.meta.v1.ObjectMeta): k8s.types.input.meta.v1.ObjectMeta {
  return { ...metadata, annotations: skipAwait };
}

function createService(build: Build): k8s.core.v1.Service {
  const { name, child, service } = build;
  return new k8s.core.v1.Service(
    `${name}-service`,
    {
      metadata: unawaited(objectMeta(build, service)),
      spec: {
        selector: selectorLabels(labelArgs(build)),
        ports: [{ name: "postgres", port: postgresPort, targetPort: "postgres" }],
      },
    },
    child,
  );
}
