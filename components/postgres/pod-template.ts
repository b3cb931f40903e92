import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { restrictedContainer } from "../shared/restricted-container.ts";

/** Computing resources of the Postgres container. */
export interface PostgresResources {
  readonly requests: { readonly cpu: string; readonly memory: string };
  readonly limits: { readonly cpu: string; readonly memory: string };
}

/** What the pod of a Postgres server is built from. */
export interface PostgresPodArgs {
  readonly labels: Readonly<Record<string, string>>;
  readonly image: string;
  readonly resources: PostgresResources;
  /** ConfigMap with {@link configFiles}. */
  readonly configMap: pulumi.Input<string>;
  /** Secret with the superuser's password under {@link passwordKey}. */
  readonly passwordSecret: pulumi.Input<string>;
  /** Secret of type `kubernetes.io/tls`. */
  readonly certificateSecret: pulumi.Input<string>;
}

/** Port Postgres listens on. */
export const postgresPort = 5432;

/** Key of the superuser's password in its Secret. */
export const passwordKey = "password";

const paths = {
  config: "/etc/postgresql/config",
  password: "/etc/postgresql/superuser",
  certificate: "/etc/postgresql/certificate",
  volume: "/var/lib/postgresql/data",
  sockets: "/var/run/postgresql",
} as const;

const dataDirectory = `${paths.volume}/pgdata`;

// The numbers of the `postgres` user and group in the official image; a name would not satisfy runAsNonRoot.
const postgresUser = 999;

/**
 * The files of the configuration.
 *
 * The data directory is moved into place in one step, so that a pod killed while filling it starts over. Later starts
 * set the superuser's password to the one in the Secret, so changing it there changes it in the server.
 */
export const configFiles: Readonly<Record<string, string>> = {
  "pg_hba.conf": [
    "local   all                all           scram-sha-256",
    "hostssl all                postgres all  scram-sha-256",
    // Logins belong in the databases made for them.
    "host    postgres,template1 all      all  reject",
    "hostssl all                all      all  scram-sha-256",
    "",
  ].join("\n"),
  "prepare.sh": `set -eu
if [ ! -d "$PGDATA" ]; then
  rm -rf "$PGDATA.new"
  initdb --pgdata="$PGDATA.new" --username=postgres --pwfile=${paths.password}/${passwordKey} \\
    --auth=scram-sha-256 --encoding=UTF8 --locale=C --locale-provider=builtin --builtin-locale=C.UTF-8 --data-checksums
  mv "$PGDATA.new" "$PGDATA"
else
  IFS= read -r password < ${paths.password}/${passwordKey} || true
  printf "ALTER ROLE postgres PASSWORD '%s'\\n" "$password" |
    postgres --single -c log_min_error_statement=panic -D "$PGDATA" postgres > /dev/null
fi
`,
  // The server writes its progress into this file; a connection test would find the port open before the server
  // answers.
  "ready.sh": `{ for line in 1 2 3 4 5 6 7 8; do read -r status; done; } < "$PGDATA/postmaster.pid" && [ "$status" = ready ]
`,
};

/**
 * Renders the template of a Postgres server's pod: an unprivileged container on a read-only file system, TLS only.
 * @returns The template for a StatefulSet with a volume `data`.
 */
export function renderPostgresPod(args: PostgresPodArgs): k8s.types.input.core.v1.PodTemplateSpec {
  const prepare = { name: "prepare", command: ["sh", `${paths.config}/prepare.sh`] };
  return {
    metadata: { labels: args.labels },
    spec: {
      automountServiceAccountToken: false,
      // A fast shutdown writes a checkpoint; a full one of a small server takes seconds.
      terminationGracePeriodSeconds: 30,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: postgresUser,
        runAsGroup: postgresUser,
        fsGroup: postgresUser,
        fsGroupChangePolicy: "OnRootMismatch",
        seccompProfile: { type: "RuntimeDefault" },
      },
      initContainers: [{ ...container(args), ...prepare }],
      containers: [
        {
          ...container(args),
          name: "postgres",
          command: serverCommand(),
          ports: [{ name: "postgres", containerPort: postgresPort }],
          startupProbe: {
            exec: { command: ["sh", `${paths.config}/ready.sh`] },
            periodSeconds: 1,
            // A recovery after a crash may take a while.
            failureThreshold: 600,
          },
          // No liveness probe: Postgres restarts its own processes, and killing it during a recovery only prolongs it.
          readinessProbe: { tcpSocket: { port: "postgres" }, periodSeconds: 5 },
        },
      ],
      volumes: [
        { name: "config", configMap: { name: args.configMap } },
        { name: "password", secret: { secretName: args.passwordSecret, defaultMode: 0o440 } },
        // Postgres refuses a key that anyone besides its owner and group can read.
        { name: "certificate", secret: { secretName: args.certificateSecret, defaultMode: 0o440 } },
        { name: "sockets", emptyDir: { medium: "Memory", sizeLimit: "1Mi" } },
        { name: "tmp", emptyDir: { medium: "Memory", sizeLimit: "16Mi" } },
      ],
    },
  };
}

type SharedByContainers = Omit<k8s.types.input.core.v1.Container, "name">;

function container({ image, resources }: PostgresPodArgs): SharedByContainers {
  return {
    image,
    imagePullPolicy: "IfNotPresent",
    env: [{ name: "PGDATA", value: dataDirectory }],
    resources,
    securityContext: restrictedContainer,
    volumeMounts: [
      { name: "data", mountPath: paths.volume },
      { name: "config", mountPath: paths.config, readOnly: true },
      { name: "password", mountPath: paths.password, readOnly: true },
      { name: "certificate", mountPath: paths.certificate, readOnly: true },
      { name: "sockets", mountPath: paths.sockets },
      { name: "tmp", mountPath: "/tmp" },
    ],
  };
}

/** The server binary itself: the image's entry point would prepare a directory in its own way. */
function serverCommand(): string[] {
  const settings = {
    listen_addresses: "*",
    hba_file: `${paths.config}/pg_hba.conf`,
    unix_socket_directories: paths.sockets,
    ssl: "on",
    ssl_cert_file: `${paths.certificate}/tls.crt`,
    ssl_key_file: `${paths.certificate}/tls.key`,
    ssl_min_protocol_version: "TLSv1.2",
    password_encryption: "scram-sha-256",
    log_connections: "on",
    log_disconnections: "on",
    // For Vault, which must be able to connect to remove a login that uses up all other connections.
    reserved_connections: "8",
    // The locks of a prepared transaction outlive the login that prepared it.
    max_prepared_transactions: "0",
    // A failing statement would be written to the log, and statements that make logins contain passwords.
    log_min_error_statement: "panic",
  };
  return ["postgres", ...Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`])];
}
