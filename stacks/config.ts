import * as pulumi from "@pulumi/pulumi";
import { currentContext } from "../kube/kubeconfig/current-context.ts";
import { inClusterContext } from "../kube/kubeconfig/in-cluster.ts";
import { tunnelPort } from "../kube/tunnel/tunnel-port.ts";
import type { Taking } from "../components/cluster/cluster-settings.ts";
import type { ChartSource } from "../components/delivery/secrets-operator.ts";
import type { PostgresAccess } from "../components/postgres/postgres-reach.ts";
import { fault } from "../shared/errors.ts";
import { unsafeEnvironmentFaults } from "../shared/unsafe-environment.ts";
import type { Duration, Size } from "../shared/units.ts";
import type { CertificateSource } from "../components/vault/certificate/certificate-source.ts";
import type { KeyCustody } from "../components/vault/bootstrap/key-custody.ts";
import type { Sealing } from "../components/vault/seal/seal-config.ts";
import type { Topology } from "../components/vault/server/topology.ts";
import type { VaultAccess } from "../components/vault/reach/vault-reach.ts";
import { agentsConfig, type AgentsConfig } from "./settings/agent-settings.ts";
import type { ConsumersConfig } from "./consumer-logins.ts";
import { jwtLoginConfig, type JwtLoginConfig } from "./settings/jwt-settings.ts";
import { ldapLoginConfig, type LdapLoginConfig } from "./settings/ldap-settings.ts";
import { networkConfig, type NetworkConfig } from "./settings/network-settings.ts";
import { passthroughConfig, type PassthroughConfig } from "./settings/passthrough-settings.ts";
import { sealingOfSettings } from "./settings/seal-settings.ts";
import type { Settings } from "./settings/settings.ts";
import { parseSettings, type RawSettings } from "./settings/settings-faults.ts";

/** What a stack function is given: the settings in the terms of the components. */
export interface StackConfig {
  /** Which stack function runs. */
  readonly profile: Settings["profile"];
  /** Context of the kubeconfig, or what stands for the cluster that the program runs in. */
  readonly kubeContext: string;
  /** Namespace of Vault. */
  readonly namespace: string;
  /** Kind of Vault server. */
  readonly topology: Topology;
  /** Where the certificate of the listener comes from. */
  readonly certificate: CertificateSource;
  /** Way from outside the cluster to Vault; null for none. */
  readonly passthrough: PassthroughConfig | null;
  /** Whom the servers of a cluster may reach. */
  readonly network: NetworkConfig;
  /** What keeps Vault's root key, and what it is moved from. */
  readonly sealing: Sealing;
  /** Credentials of the seal by name, secret; null when it needs none. */
  readonly sealCredentials: pulumi.Output<Record<string, string>> | null;
  /** Image of Vault. */
  readonly vaultImage: string;
  /** Version of Vault in it; undefined where its tag says it. */
  readonly vaultVersion: string | undefined;
  /** Size of the audit volume. */
  readonly auditStorageSize: Settings["auditStorageSize"];
  /** Storage class of the volumes; undefined for the cluster's default. */
  readonly storageClass: string | undefined;
  /** Node port of Vault; undefined for none. */
  readonly nodePort: number | undefined;
  /** Address at which this machine reaches node ports. */
  readonly nodeAddress: string;
  /** Way to Vault for this program. */
  readonly access: VaultAccess;
  /** Who can decrypt Vault's keys; null for the development server, which has none. */
  readonly custody: KeyCustody | null;
  /** First values of secrets, by name; the values are secret. */
  readonly kvSeeds: Readonly<Record<string, pulumi.Output<Record<string, string>>>>;
  /** Directory whose people log in to Vault; null for none. */
  readonly ldap: LdapLoginConfig | null;
  /** Image of the sample application. */
  readonly webAppImage: string;
  /** Node port of the sample application; undefined for none. */
  readonly webAppNodePort: number | undefined;
  /** Namespace of the sample application. */
  readonly webAppNamespace: string;
  /** The Postgres server of the database. */
  readonly postgres: PostgresChoice;
  /** Consent to take over objects that exist already but are not in the state. */
  readonly adoptExisting: boolean;
  /** What this run may take over in the cluster. */
  readonly taking: Taking;
  /** Names of resources whose data this run may lose. */
  readonly allowDataLoss: readonly string[];
  /** Workloads of other teams by name, and what each may read. */
  readonly consumers: ConsumersConfig;
  /** Agents by name, what each may use, and who hands out their secret ids. */
  readonly agents: AgentsConfig;
  /** Issuer whose tokens log in to Vault; null for none. */
  readonly jwt: JwtLoginConfig | null;
  /** Namespace of the second workload identity. */
  readonly demoAppNamespace: string;
  /** Namespace of the applications that log in to the database. */
  readonly databaseAppNamespace: string;
  /** Which secrets operator delivers secrets to workloads. */
  readonly secretsOperator: SecretsOperatorChoice;
  /** How often the operator reads a static secret. */
  readonly refreshAfter: Duration;
}

/** The Postgres server of the database: one of the stack's own, or one that runs already. */
export type PostgresChoice =
  | {
      readonly kind: "server";
      readonly namespace: string;
      readonly image: string;
      readonly storageSize: Size;
      /** Way to it for this program. */
      readonly access: PostgresAccess;
      /** Password of the superuser; secret. Undefined for a random one. */
      readonly password: pulumi.Output<string> | undefined;
    }
  | {
      readonly kind: "address";
      readonly host: string;
      readonly port: number;
      readonly username: string;
      /** Secret. */
      readonly password: pulumi.Output<string>;
      /** PEM bundle; null for a server without TLS. */
      readonly caCertificate: string | null;
    };

/** Which secrets operator delivers secrets. */
export type SecretsOperatorChoice =
  | {
      /** The stack installs it. */
      readonly kind: "install";
      readonly namespace: string;
      readonly chart: ChartSource;
    }
  | {
      /** One that is in the cluster already. */
      readonly kind: "existing";
    }
  | {
      /** None does. */
      readonly kind: "none";
    };

/**
 * Reads the stack's settings. Nothing else in the program reads them, or the environment.
 * @returns The settings, complete and consistent.
 * @throws {pulumi.RunError} Listing every fault at once, before anything is contacted.
 */
export function loadConfig(): StackConfig {
  const raw: RawSettings = {
    values: pulumi.runtime.allConfig(),
    secretNames: new Set(secretNames()),
    stack: pulumi.getStack(),
  };
  const { settings, faults } = parseSettings(raw);
  const unsafe = unsafeEnvironmentFaults(process.env);
  if (settings === null || unsafe.length > 0) throw faultsError([...faults, ...unsafe]);
  const kubeContext = settings.kubeContext === "" ? ambientContext() : settings.kubeContext;
  return stackConfig(settings, kubeContext, `${pulumi.getProject()}/${pulumi.getStack()}`);
}

function ambientContext(): string {
  let context: string | null;
  try {
    context = currentContext();
  } catch (error) {
    throw new pulumi.RunError(error instanceof Error ? error.message : String(error));
  }
  if (context === null) {
    const remedy = "point KUBECONFIG to a kubeconfig or set the context";
    throw faultsError([fault("vaultstack:kubeContext", "must name a context", undefined, remedy)]);
  }
  if (context === inClusterContext)
    void pulumi.log.info("no kubeconfig names a context: using the cluster this runs in, as the account of its pod");
  return context;
}

function faultsError(faults: readonly string[]): pulumi.RunError {
  const heading = faults.length === 1 ? "the settings have a fault" : `the settings have ${faults.length} faults`;
  return new pulumi.RunError([`${heading}:`, ...faults.map((text) => `  ${text}`)].join("\n"));
}

/** The SDK knows which settings are secret but tells nobody; the language host hands the list over in the environment. */
function secretNames(): string[] {
  const names: unknown = JSON.parse(process.env["PULUMI_CONFIG_SECRET_KEYS"] ?? "[]");
  return Array.isArray(names) ? names.map(String) : [];
}

/**
 * Puts parsed settings into the terms of the components.
 * @param settings The settings of the stack.
 * @param kubeContext Context of the kubeconfig, resolved.
 * @param stackKey What the tunnel's port derives from: project and stack.
 * @returns The configuration of a stack function.
 */
export function stackConfig(settings: Settings, kubeContext: string, stackKey: string): StackConfig {
  const { profile, namespace, vaultImage, auditStorageSize, nodeAddress, webAppImage } = settings;
  return {
    profile,
    kubeContext,
    namespace,
    topology: topology(settings),
    certificate: settings.certificate,
    passthrough: passthroughConfig(settings.passthrough),
    network: networkConfig(settings.networkPolicy),
    sealing: sealingOfSettings(settings),
    sealCredentials: noneWhenEmpty(settings.sealCredentials),
    vaultImage,
    vaultVersion: settings.vaultVersion === "" ? undefined : settings.vaultVersion,
    auditStorageSize,
    storageClass: settings.storageClass === "" ? undefined : settings.storageClass,
    nodePort: settings.nodePort === 0 ? undefined : settings.nodePort,
    nodeAddress,
    access: access(settings, stackKey),
    custody: custody(settings),
    kvSeeds: Object.fromEntries(
      Object.entries(settings.kvSeeds).map(([name, values]) => [name, pulumi.secret(values)]),
    ),
    ldap: ldapLoginConfig(settings.ldap, settings.ldapBindPassword),
    webAppImage,
    webAppNodePort: settings.webAppNodePort === 0 ? undefined : settings.webAppNodePort,
    webAppNamespace: settings.webAppNamespace,
    postgres: postgres(settings, stackKey),
    adoptExisting: settings.adoptExisting,
    taking: settings.adoptExisting ? "objects" : settings.takeBackFields ? "fields" : "nothing",
    allowDataLoss: settings.allowDataLoss,
    consumers: settings.consumers,
    agents: agentsConfig(settings.agents),
    jwt: jwtLoginConfig(settings.jwt),
    demoAppNamespace: settings.demoAppNamespace,
    databaseAppNamespace: settings.databaseAppNamespace,
    secretsOperator: secretsOperator(settings),
    refreshAfter: settings.refreshAfter,
  };
}

function topology(settings: Settings): Topology {
  const { storageSize } = settings;
  switch (settings.server) {
    case "dev":
      return { kind: "dev" };
    case "standalone":
      return { kind: "standalone", storageSize };
    case "raft":
      return {
        kind: "raft",
        nodes: settings.raftNodes,
        storageSize,
        spread: settings.raftSpread,
        performanceMultiplier: settings.raftPerformanceMultiplier,
        autopilot: settings.raftAutopilot,
        hosts: settings.vaultHosts,
      };
  }
}

function noneWhenEmpty(values: Readonly<Record<string, string>>): pulumi.Output<Record<string, string>> | null {
  return Object.keys(values).length === 0 ? null : pulumi.secret(values);
}

function access({ access: chosen }: Settings, stackKey: string): VaultAccess {
  return chosen.kind === "address" ? chosen : { kind: "tunnel", port: chosen.port ?? tunnelPort(stackKey) };
}

function postgres(settings: Settings, stackKey: string): PostgresChoice {
  const { postgres: chosen, postgresNamespace, postgresImage, postgresPassword } = settings;
  const password = pulumi.secret(postgresPassword);
  if (chosen.kind === "address") {
    const { port = 5432, caCertificate = null, ...rest } = chosen;
    return { ...rest, port, caCertificate, password };
  }
  return {
    kind: "server",
    namespace: postgresNamespace,
    image: postgresImage,
    storageSize: chosen.storageSize ?? "1Gi",
    access: postgresAccess(chosen.access, access(settings, stackKey), stackKey),
    password: postgresPassword === "" ? undefined : password,
  };
}

type ChosenAccess = Extract<Settings["postgres"], { readonly kind: "server" }>["access"];

function postgresAccess(chosen: ChosenAccess, vault: VaultAccess, stackKey: string): PostgresAccess {
  if (chosen.kind === "address") return chosen;
  if (chosen.port !== undefined) return { kind: "tunnel", port: chosen.port };
  const port = tunnelPort(`${stackKey}/postgres`);
  // Two tunnels of one program; the derived ports are the same for one stack in eight thousand.
  return { kind: "tunnel", port: vault.kind === "tunnel" && vault.port === port ? port + 1 : port };
}

function secretsOperator(settings: Settings): SecretsOperatorChoice {
  const { secretsOperator: kind, secretsOperatorNamespace: namespace, secretsOperatorChart: chart } = settings;
  return kind === "install" ? { kind, namespace, chart } : { kind };
}

function custody(settings: Settings): KeyCustody | null {
  if (settings.server === "dev") return null;
  const { secretShares, secretThreshold, keysGeneration, escrowPublicKey } = settings;
  const { allowReinitialize, adoptExisting } = settings;
  const previous = settings.escrowPreviousPrivateKey;
  return {
    secretShares,
    secretThreshold,
    holders: settings.custody,
    keysGeneration,
    escrowPublicKey,
    escrowPrivateKey: pulumi.secret(settings.escrowPrivateKey),
    escrowPreviousPrivateKey: previous === "" ? undefined : pulumi.secret(previous),
    encodedRootToken: settings.encodedRootToken === "" ? undefined : pulumi.secret(settings.encodedRootToken),
    allowReinitialize,
    adoptExisting,
  };
}
