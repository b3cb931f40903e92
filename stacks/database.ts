import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type * as tls from "@pulumi/tls";
import { DatabaseEngine } from "../components/engines/database/database.ts";
import { ExistingPostgres } from "../components/postgres/existing-postgres.ts";
import { postgresPort } from "../components/postgres/pod-template.ts";
import { PostgresDatabase } from "../components/postgres/postgres-database.ts";
import type { PostgresGrant } from "../protocol/database/logins/postgres-grant.ts";
import { reachPostgres } from "../components/postgres/postgres-reach.ts";
import { podName, PostgresServer } from "../components/postgres/postgres-server.ts";
import type { Postgres } from "../components/postgres/postgres.ts";
import { standardLabels } from "../shared/labels.ts";
import { allowEgress } from "../components/vault/server/vault-egress.ts";
import type { VaultServer } from "../components/vault/server/vault-server.ts";
import type { VaultSession } from "../components/vault/bootstrap/vault-session.ts";
import type { StackConfig } from "./config.ts";
import { lifetimesOf } from "./lifetimes.ts";
import type { PendingOutputs } from "./outputs.ts";

/** What the database needs of the rest of the stack. */
export interface DatabaseArgs {
  readonly config: Pick<StackConfig, "kubeContext" | "postgres" | "adopt"> & {
    readonly server: Pick<StackConfig["server"], "topology" | "storageClass">;
  };
  /** The Vault that issues logins, and must be able to reach the database for that. */
  readonly server: VaultServer;
  /** Options for what is in the cluster. */
  readonly cluster: { readonly provider: k8s.Provider };
  /** Provider of keys and certificates. @default - the default one, where the settings leave it on */
  readonly certificates?: tls.Provider;
  /** How dynamic resources act inside Vault. */
  readonly session: VaultSession;
  /** Options for what is inside Vault. */
  readonly insideVault: pulumi.ComponentResourceOptions;
}

/** The database with the engine that issues its logins. */
export interface Database {
  readonly engine: DatabaseEngine<"dev-postgres" | "myapp-db-role", "mydb-migrator">;
  readonly outputs: Pick<PendingOutputs, Extract<keyof PendingOutputs, `database${string}`>>;
}

// Whoever may insert into a table takes row numbers from a sequence.
const rows: readonly PostgresGrant[] = [
  { on: "tables", schema: "public", privileges: ["select", "insert", "update", "delete"] },
  { on: "sequences", schema: "public", privileges: ["usage", "select"] },
];

/** What the logins of the stack's dynamic roles may do. */
export const roleGrants = {
  "dev-postgres": [
    { on: "database", privileges: ["connect", "create", "temporary"] },
    { on: "schema", schema: "public", privileges: ["usage", "create"] },
    ...rows,
  ],
  "myapp-db-role": [
    { on: "database", privileges: ["connect"] },
    { on: "schema", schema: "public", privileges: ["usage"] },
    ...rows,
  ],
} as const satisfies Readonly<Record<string, readonly PostgresGrant[]>>;

/**
 * Declares a Postgres server with a database, and the engine that issues logins for it.
 * @param args What it needs of the rest of the stack.
 * @returns The engine, and the outputs about it.
 */
export async function createDatabase(args: DatabaseArgs): Promise<Database> {
  const { config, cluster, session, insideVault } = args;
  const { server, deletedWith } = await choosePostgres(args);
  const reachable = allowEgress("database", { server: args.server, peers: [server.peer] }, cluster);
  const { developerLogin, applicationLogin, migratorRotation } = lifetimesOf(config.server.topology);
  const inside = deletedWith === undefined ? {} : { deletedWith };
  const database = new PostgresDatabase("mydb", { server, adopt: config.adopt }, inside);
  const engine = new DatabaseEngine(
    "demo-db",
    {
      session,
      adopt: config.adopt,
      connection: { kind: "postgres", database, login: "vault" },
      roles: {
        "dev-postgres": {
          definition: { kind: "grants", grants: roleGrants["dev-postgres"] },
          ...developerLogin,
        },
        "myapp-db-role": {
          definition: { kind: "grants", grants: roleGrants["myapp-db-role"] },
          ...applicationLogin,
        },
      },
      staticRoles: { "mydb-migrator": { rotationPeriod: migratorRotation, ownerMember: true } },
    },
    reachable === null ? insideVault : pulumi.mergeOptions(insideVault, { dependsOn: [reachable] }),
  );
  const devRole = engine.role("dev-postgres");
  return {
    engine,
    outputs: {
      databaseMount: engine.path,
      databaseHost: server.host,
      databasePort: server.port,
      databaseName: database.databaseName,
      databaseCaCertificate: server.caCertificate ?? "",
      databaseDevRole: devRole.roleName,
      databaseAppRole: engine.role("myapp-db-role").roleName,
    },
  };
}

interface ChosenPostgres {
  readonly server: Postgres;
  /** What its data is deleted with; undefined for a server that stays. */
  readonly deletedWith: pulumi.Resource | undefined;
}

async function choosePostgres({ config, cluster, certificates }: DatabaseArgs): Promise<ChosenPostgres> {
  const {
    postgres: chosen,
    kubeContext,
    server: { storageClass },
  } = config;
  if (chosen.kind === "address") {
    const { host, port, username: adminUsername, password: adminPassword, caCertificate } = chosen;
    const server = new ExistingPostgres("postgres", { host, port, adminUsername, adminPassword, caCertificate });
    return { server, deletedWith: undefined };
  }
  const { namespace: name, access, image, storageSize, password } = chosen;
  const pod = { kubeContext, namespace: name, pod: podName("postgres"), port: postgresPort };
  const reach = await reachPostgres(access, pod);
  const labels = standardLabels({ name, instance: name, component: "namespace" });
  const namespace = new k8s.core.v1.Namespace("postgres-namespace", { metadata: { name, labels } }, cluster);
  const server = new PostgresServer(
    "postgres",
    { namespace: name, kubeContext, reach, image, storageSize, storageClass, password, adopt: config.adopt },
    {
      providers: certificates === undefined ? [cluster.provider] : [cluster.provider, certificates],
      dependsOn: [namespace],
      deletedWith: namespace,
    },
  );
  return { server, deletedWith: namespace };
}
