import * as pulumi from "@pulumi/pulumi";
import { currentContext } from "../kube/kubeconfig/current-context.ts";
import { inClusterContext } from "../kube/kubeconfig/in-cluster.ts";
import type { Taking } from "../components/cluster/cluster-settings.ts";
import type { CertificateSource } from "../components/vault/certificate/certificate-source.ts";
import type { KeyCustody } from "../components/vault/bootstrap/key-custody.ts";
import type { VaultAccess } from "../components/vault/reach/vault-reach.ts";
import { fault } from "../shared/errors.ts";
import type { Duration } from "../shared/units.ts";
import { unsafeEnvironmentFaults } from "../shared/unsafe-environment.ts";
import { accessConfig } from "./settings/access.ts";
import { agentsConfig, type AgentsConfig } from "./settings/agents.ts";
import type { ConsumersConfig } from "./settings/consumers.ts";
import { postgresConfig, type PostgresConfig } from "./settings/database.ts";
import { operatorConfig, type OperatorConfig } from "./settings/delivery.ts";
import { demoConfig, type DemoConfig } from "./settings/demo.ts";
import { jwtConfig, type JwtLoginConfig } from "./settings/jwt.ts";
import { custodyConfig } from "./settings/keys.ts";
import { ldapConfig, type LdapLoginConfig } from "./settings/ldap.ts";
import { networkConfig, type NetworkConfig } from "./settings/network.ts";
import { parseSettings, type RawSettings } from "./settings/parse-settings.ts";
import { passthroughConfig, type PassthroughConfig } from "./settings/passthrough.ts";
import { sealConfig, type SealConfig } from "./settings/seal.ts";
import { serverConfig, type ServerConfig } from "./settings/server.ts";
import type { Settings } from "./settings/settings.ts";
import { seedsConfig, type SeedsConfig } from "./settings/store.ts";

/** What a stack is given: its settings, area by area, in the form the components take. */
export interface StackConfig {
  /** Context of the kubeconfig, or the marker for the cluster that the program runs in. */
  readonly kubeContext: string;
  /** Address at which this machine reaches node ports. */
  readonly nodeAddress: string;
  /** Vault's servers. */
  readonly server: ServerConfig;
  /** What they may reach. */
  readonly network: NetworkConfig;
  /** Where the certificate of the listener comes from. */
  readonly certificate: CertificateSource;
  /** How clients outside the cluster reach Vault; null for not at all. */
  readonly passthrough: PassthroughConfig | null;
  /** How this program reaches Vault. */
  readonly access: VaultAccess;
  /** Who can decrypt Vault's keys; null for the server in memory, which has none. */
  readonly custody: KeyCustody | null;
  /** What keeps Vault's root key, and the credentials for it. */
  readonly seal: SealConfig;
  /** First values of secrets. */
  readonly seeds: SeedsConfig;
  /** Who logs in to Vault. */
  readonly logins: LoginsConfig;
  /** The Postgres server of the database. */
  readonly postgres: PostgresConfig;
  /** Which secrets operator delivers secrets to workloads. */
  readonly operator: OperatorConfig;
  /** How often it reads a static secret. */
  readonly refreshAfter: Duration;
  /** The demonstration that the stack carries. */
  readonly demo: DemoConfig;
  /** Consent to take over objects that exist already but are not in the state. */
  readonly adopt: boolean;
  /** What this run may take over in the cluster. */
  readonly taking: Taking;
  /** Names of resources whose data this run may lose. */
  readonly allowDataLoss: readonly string[];
}

/** Who logs in to a stack's Vault besides its own workloads. */
export interface LoginsConfig {
  /** The directory of people; null for none. */
  readonly ldap: LdapLoginConfig | null;
  /** Workloads of other teams by name, and what each may read. */
  readonly consumers: ConsumersConfig;
  /** Agents by name, what each may use, and who hands out its secret ids. */
  readonly agents: AgentsConfig;
  /** Issuer whose tokens log in; null for none. */
  readonly jwt: JwtLoginConfig | null;
}

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
  if (context === inClusterContext) {
    void pulumi.log.info("no kubeconfig names a context: using the cluster this runs in, as the account of its pod");
  }
  return context;
}

function faultsError(faults: readonly string[]): pulumi.RunError {
  const heading = faults.length === 1 ? "the settings have a fault" : `the settings have ${faults.length} faults`;
  return new pulumi.RunError([`${heading}:`, ...faults.map((text) => `  ${text}`)].join("\n"));
}

/**
 * The SDK knows which settings are secret but exposes it to nobody; the language host passes the list in the
 * environment.
 */
function secretNames(): string[] {
  const names: unknown = JSON.parse(process.env["PULUMI_CONFIG_SECRET_KEYS"] ?? "[]");
  return Array.isArray(names) ? names.map(String) : [];
}

/**
 * Converts parsed settings to the form the components take.
 * @param kubeContext Context of the kubeconfig, resolved.
 * @param stackKey What the tunnels' ports derive from: project and stack.
 */
export function stackConfig(settings: Settings, kubeContext: string, stackKey: string): StackConfig {
  const access = accessConfig(settings, stackKey);
  return {
    kubeContext,
    nodeAddress: settings.nodeAddress,
    server: serverConfig(settings),
    network: networkConfig(settings),
    certificate: settings.certificate,
    passthrough: passthroughConfig(settings),
    access,
    custody: custodyConfig(settings),
    seal: sealConfig(settings),
    seeds: seedsConfig(settings),
    logins: {
      ldap: ldapConfig(settings),
      consumers: settings.consumers,
      agents: agentsConfig(settings),
      jwt: jwtConfig(settings),
    },
    postgres: postgresConfig(settings, access, stackKey),
    operator: operatorConfig(settings),
    refreshAfter: settings.refreshAfter,
    demo: demoConfig(settings),
    adopt: settings.adoptExisting,
    taking: settings.adoptExisting ? "objects" : settings.takeBackFields ? "fields" : "nothing",
    allowDataLoss: settings.allowDataLoss,
  };
}
