import type { z } from "zod";
import { passwordFaults } from "../../components/postgres/postgres-name.ts";
import { fault, hidden } from "../../shared/errors.ts";
import { autopilotFaults } from "../../components/vault/server/autopilot.ts";
import { hostFaults } from "../../components/vault/server/topology.ts";
import { holderFaults } from "../../components/vault/bootstrap/holder-faults.ts";
import { accessFaults } from "../../components/vault/reach/access-faults.ts";
import { versionFaults } from "../../components/vault/server/vault-version.ts";
import { deliveredKeyFaults } from "../../components/delivery/custom-resources/destination.ts";
import { deliveredSecret } from "../../demo/delivered-secret.ts";
import { agentFaults } from "./agent-settings.ts";
import { certificateSettingFaults } from "./certificate-settings.ts";
import { consumerFaults } from "../logins/consumer-logins.ts";
import { jwtSettingFaults } from "./jwt-settings.ts";
import { ldapSettingFaults } from "./ldap-settings.ts";
import { namespaceFaults } from "./namespace-faults.ts";
import { networkPolicyFaults } from "./network-settings.ts";
import { passthroughSettingFaults } from "./passthrough-settings.ts";
import { sealSettingFaults } from "./seal-settings.ts";
import { project } from "./setting-rules.ts";
import { closestSetting } from "./closest-setting.ts";
import { secretSettings, settings, type SettingName, type Settings } from "./settings.ts";

/** The settings as the engine hands them to the program. */
export interface RawSettings {
  /** All settings of all projects, by `<project>:<name>`; objects as JSON. */
  readonly values: Readonly<Record<string, string>>;
  /** Names of those that are stored encrypted, wholly or in part. */
  readonly secretNames: ReadonlySet<string>;
  /** Name of the stack, for the commands in faults. */
  readonly stack: string;
}

/** Either all settings or all faults. */
export type ParsedSettings =
  | { readonly settings: Settings; readonly faults: readonly [] }
  | { readonly settings: null; readonly faults: readonly string[] };

const providersWithoutDefault = ["kubernetes", "vault", "postgresql"];

/**
 * Parses and judges all settings of a stack without looking at anything else.
 * @param raw What the engine handed over.
 * @returns The settings, or every fault in them.
 */
export function parseSettings(raw: RawSettings): ParsedSettings {
  const parsed: Partial<Record<SettingName, unknown>> = {};
  const faults: string[] = [];
  for (const name of Object.keys(settings) as SettingName[]) {
    const result = settings[name].safeParse(raw.values[`${project}:${name}`]);
    if (result.success) parsed[name] = result.data;
    else faults.push(...result.error.issues.map((issue) => settingFault(raw, name, issue)));
  }
  const partial = parsed as Partial<Settings>;
  faults.push(
    ...unknownFaults(raw),
    ...plaintextFaults(raw),
    ...shareFaults(partial),
    ...custodyFaults(partial),
    ...escrowFaults(partial, raw.stack),
    ...adoptionFaults(partial),
    ...ldapFaults(partial, raw.stack),
    ...consumerFaults(partial.consumers ?? {}).map((text) => `${project}:consumers.${text}`),
    ...agentFaults(partial.agents ?? {}).map((text) => `${project}:agents.${text}`),
    ...jwtSettingFaults(partial.jwt ?? { kind: "none" }).map((text) => `${project}:jwt.${text}`),
    ...vaultVersionFaults(partial),
    ...sealFaults(partial, raw.stack),
    ...namespaceFaults(partial),
    ...topologyFaults(partial),
    ...clusterFaults(partial),
    ...passthroughFaults(partial),
    ...transportFaults(partial),
    ...deliveryFaults(partial),
    ...portFaults(partial),
    ...postgresFaults(partial),
    ...defaultProviderFaults(raw),
  );
  return faults.length > 0 ? { settings: null, faults } : { settings: parsed as Settings, faults: [] };
}

function settingFault(raw: RawSettings, name: SettingName, issue: z.core.$ZodIssue): string {
  const value = raw.values[`${project}:${name}`];
  const isSecret = secretSettings.includes(name);
  const path = [`${project}:${name}`, ...issue.path.map(String)].join(".");
  const got = value === undefined ? undefined : isSecret ? hidden : valueAt(value, issue.path);
  if (issue.code === "unrecognized_keys") {
    return fault(path, "must hold no other parts", issue.keys, "remove them; see its description in Pulumi.yaml");
  }
  const [must = "", remedy = "see its description in Pulumi.yaml"] = issue.message.split("; ");
  return fault(path, must, got, remedy);
}

function vaultVersionFaults({ vaultImage = "", vaultVersion = "" }: Partial<Settings>): string[] {
  return vaultVersion === "" ? [] : versionFaults(`${project}:vaultVersion`, vaultImage, vaultVersion);
}

/** The part of a setting that an issue is about, as it was written. */
function valueAt(value: string, path: readonly PropertyKey[]): unknown {
  if (path.length === 0) return value;
  let part: unknown = JSON.parse(value);
  for (const key of path) part = (part as Record<PropertyKey, unknown> | undefined)?.[key];
  return part;
}

function unknownFaults({ values }: RawSettings): string[] {
  return Object.keys(values)
    .filter((key) => key.startsWith(`${project}:`) && !(key.slice(project.length + 1) in settings))
    .map((key) => {
      const closest = closestSetting(key.slice(project.length + 1));
      const remedy = `${closest === null ? "" : `did you mean ${closest}? `}remove it with \`pulumi config rm ${key}\``;
      // Not shown: it may be a secret that stands under the wrong name.
      return fault(key, "must be a setting described in Pulumi.yaml", hidden, remedy);
    });
}

function plaintextFaults({ values, secretNames, stack }: RawSettings): string[] {
  return secretSettings
    .map((name) => `${project}:${name}`)
    .filter((key) => !["", "{}", undefined].includes(values[key]) && !secretNames.has(key))
    .map((key) =>
      fault(
        key,
        "must be stored encrypted",
        hidden,
        `set it with \`pulumi config set --stack ${stack} --secret ${key}\``,
      ),
    );
}

/** Vault's own rules, so that a preview fails instead of the one call that cannot be taken back. */
function shareFaults({ secretShares: shares, secretThreshold: threshold }: Partial<Settings>): string[] {
  if (shares === undefined || threshold === undefined) return [];
  const path = `${project}:secretThreshold`;
  if (threshold > shares) {
    return [
      fault(path, `must be at most secretShares, which is ${shares}`, threshold, "lower it or raise secretShares"),
    ];
  }
  if (threshold === 1 && shares > 1) {
    return [fault(path, `must be at least 2 with ${shares} shares`, threshold, "raise it or set secretShares to 1")];
  }
  return [];
}

function custodyFaults({ custody, secretShares, secretThreshold, escrowPublicKey }: Partial<Settings>): string[] {
  if (custody?.kind !== "pgp" || secretShares === undefined || secretThreshold === undefined) return [];
  const shares = { secretShares, secretThreshold, escrowPublicKey: escrowPublicKey ?? "" };
  return holderFaults(`${project}:custody.holders`, { holders: custody.holders, ...shares });
}

function escrowFaults({ server, escrowPublicKey, escrowPrivateKey }: Partial<Settings>, stack: string): string[] {
  if (server === undefined || server === "dev") return [];
  const missing = Object.entries({ escrowPublicKey, escrowPrivateKey }).filter(([, key]) => key === "");
  return missing.map(([name]) =>
    fault(
      `${project}:${name}`,
      "must hold the key that the shares are encrypted to",
      undefined,
      `run \`npm run escrow -- ${stack}\``,
    ),
  );
}

function portFaults({ nodePort, demo }: Partial<Settings>): string[] {
  if (nodePort === undefined || nodePort === 0 || demo?.kind !== "sample" || nodePort !== demo.webAppNodePort) return [];
  return [fault(`${project}:demo.webAppNodePort`, "must differ from nodePort", nodePort, "choose another port or 0")];
}

function postgresFaults({ postgres, postgresPassword, access }: Partial<Settings>): string[] {
  if (postgres === undefined || postgresPassword === undefined) return [];
  // That of an existing server is what it is; of a server that the stack makes, a shell handles it.
  const isOwn = postgres.kind === "server" && postgresPassword !== "";
  const faults = isOwn ? passwordFaults(`${project}:postgresPassword`, postgresPassword) : [];
  if (postgres.kind === "address" && postgresPassword === "") {
    const rule = "must hold the password of postgres.username";
    const remedy = `set it with \`pulumi config set --secret ${project}:postgresPassword\``;
    return [fault(`${project}:postgresPassword`, rule, undefined, remedy)];
  }
  if (postgres.kind !== "server" || postgres.access.kind !== "tunnel" || access?.kind !== "tunnel") return faults;
  if (postgres.access.port === undefined || postgres.access.port !== access.port) return faults;
  const path = `${project}:postgres.access.port`;
  return [...faults, fault(path, "must differ from access.port", access.port, "choose another port or leave it out")];
}

/** Without the state nobody knows that the seeds were written, and they would be written over the applications' values. */
function adoptionFaults({ adoptExisting, kvSeeds }: Partial<Settings>): string[] {
  if (adoptExisting !== true || kvSeeds === undefined || Object.keys(kvSeeds).length === 0) return [];
  const remedy = "remove it with `pulumi config rm kvSeeds`; the secrets keep the values they have";
  return [fault(`${project}:kvSeeds`, "must be empty with adoptExisting", hidden, remedy)];
}

function sealFaults({ seal, previousSeal, sealCredentials, server }: Partial<Settings>, stack: string): string[] {
  if (seal === undefined || previousSeal === undefined || sealCredentials === undefined) return [];
  const faults = sealSettingFaults({ seal, previousSeal, sealCredentials }, stack).map((text) => `${project}:${text}`);
  if (server === "dev" && seal.kind !== "shamir") {
    faults.push(
      fault(`${project}:seal.kind`, "must be shamir with server dev", seal.kind, "that server keeps nothing"),
    );
  }
  return faults;
}

function ldapFaults({ ldap, ldapBindPassword }: Partial<Settings>, stack: string): string[] {
  if (ldap === undefined) return [];
  const faults = ldapSettingFaults(ldap).map((text) => `${project}:ldap.${text}`);
  if (ldap.kind === "directory" && ldap.userSearch.kind === "bound" && ldapBindPassword === "") {
    const path = `${project}:ldapBindPassword`;
    const remedy = `set it with \`pulumi config set --stack ${stack} --secret ldapBindPassword\``;
    faults.push(fault(path, "must be the password of ldap.userSearch.bindDn", undefined, remedy));
  }
  return faults;
}

/** The stack function decides what there is around Vault, and so which kinds of server fit. */
function topologyFaults({ profile, server }: Partial<Settings>): string[] {
  if (profile === undefined || server === undefined || (profile === "ha") === (server === "raft")) return [];
  const [must, remedy] =
    profile === "ha"
      ? ["must be raft with the profile ha", "set it to raft, or the profile to dev"]
      : ["must be standalone or dev with the profile dev", "set the profile to ha for a cluster"];
  return [fault(`${project}:server`, must, server, remedy)];
}

/** Settings of the cluster that the components judge themselves. */
function clusterFaults({
  raftAutopilot,
  certificate,
  vaultHosts = [],
  networkPolicy,
  profile,
}: Partial<Settings>): string[] {
  const autopilot = raftAutopilot === undefined ? [] : autopilotFaults(raftAutopilot);
  const source = certificate === undefined ? [] : certificateSettingFaults(certificate);
  return [
    ...vaultHosts.flatMap((host, index) => hostFaults(`${project}:vaultHosts[${index}]`, host)),
    ...autopilot.map((text) => `${project}:raftAutopilot.${text}`),
    ...source.map((text) => `${project}:certificate.${text}`),
    ...(networkPolicy === undefined ? [] : networkPolicyFaults(networkPolicy, profile)).map(
      (text) => `${project}:networkPolicy.${text}`,
    ),
  ];
}

/** The form of the address is judged with the setting itself. */
function transportFaults({ access, profile }: Partial<Settings>): string[] {
  if (access?.kind !== "address" || profile !== "ha") return [];
  return accessFaults(`${project}:access`, access, true);
}

/** What an operator delivers becomes a Secret of the cluster, which takes fewer keys than Vault. */
function deliveryFaults({ kvSeeds, secretsOperator, demo }: Partial<Settings>): string[] {
  const seeded = kvSeeds?.[deliveredSecret.name];
  if (demo?.kind !== "sample" || seeded === undefined) return [];
  if (secretsOperator === undefined || secretsOperator === "none") return [];
  const at = `${project}:kvSeeds.${deliveredSecret.name}`;
  return deliveredKeyFaults(at, Object.keys(seeded), deliveredSecret.transformation);
}

/** A host that the certificate does not carry would be refused by every client. */
function passthroughFaults({ passthrough, profile, vaultHosts }: Partial<Settings>): string[] {
  if (passthrough === undefined || passthrough.kind === "none") return [];
  const path = `${project}:passthrough`;
  const faults = passthroughSettingFaults(passthrough).map((text) => `${path}.${text}`);
  if (profile !== undefined && profile !== "ha") {
    const remedy = "set it to none, or the profile to ha";
    faults.push(
      fault(
        `${path}.kind`,
        `must be none with the profile ${profile}, whose Vault speaks no TLS`,
        passthrough.kind,
        remedy,
      ),
    );
  } else if (vaultHosts !== undefined && !vaultHosts.includes(passthrough.host)) {
    const remedy = "add it there with `pulumi config set --path`, so that Vault's certificate carries it";
    faults.push(fault(`${path}.host`, "must be one of vaultHosts", passthrough.host, remedy));
  }
  return faults;
}

/** A default provider would take its cluster or its Vault from whatever the environment happens to point to. */
function defaultProviderFaults({ values }: RawSettings): string[] {
  const key = "pulumi:disable-default-providers";
  const disabled = values[key] ?? "[]";
  if (disabled.includes('"*"') || providersWithoutDefault.every((name) => disabled.includes(`"${name}"`))) return [];
  const remedy = "copy it from Pulumi.dev.yaml, so that nothing reaches a cluster by accident";
  return [fault(key, `must list ${providersWithoutDefault.join(", ")}`, values[key], remedy)];
}
