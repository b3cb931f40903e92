import { z } from "zod";
import { kvSecretNameFaults } from "../../components/engines/kv/kv.ts";
import { agentsSetting } from "./agent-settings.ts";
import { certificateSetting } from "./certificate-settings.ts";
import { consumersSetting } from "../consumer-logins.ts";
import { jwtSetting } from "./jwt-settings.ts";
import { ldapSetting } from "./ldap-settings.ts";
import type { RaftNodes } from "../../components/vault/server/topology.ts";
import { networkPolicySetting } from "./network-settings.ts";
import { passthroughSetting } from "./passthrough-settings.ts";
import { raftAutopilotSetting } from "./raft-settings.ts";
import {
  armoredPrivateKey,
  baseUrl,
  certificates,
  chartPath,
  chartRepository,
  chartVersion,
  consent,
  duration,
  holders,
  hostName,
  image,
  json,
  loginName,
  namespace,
  nodePort,
  oneOf,
  publicKey,
  serverPort,
  size,
  storageClassName,
  text,
  tunnelPortNumber,
  wholeNumber,
} from "./setting-rules.ts";
import { previousSealSetting, sealCredentialsSetting, sealSetting } from "./seal-settings.ts";

/**
 * The settings of a stack, one schema per key of `vaultstack:`; Pulumi.yaml holds their defaults and descriptions.
 *
 * Each message reads `<what must hold>; <what to do>`, so that the value can be put between the two.
 */
export const settings = {
  profile: oneOf(["dev", "ha"], "name the stack function to run"),
  kubeContext: text(
    /^(\S([^\r\n]*\S)?)?$/,
    "must be a context of the kubeconfig or empty",
    "list them with `kubectl config get-contexts`",
  ),
  namespace: namespace(),
  server: oneOf(["standalone", "dev", "raft"], "use dev for a throw-away server"),
  raftNodes: oneOf(["3", "5", "7"], "an even number of servers bears no more losses").transform((nodes): RaftNodes =>
    nodes === "7" ? 7 : nodes === "5" ? 5 : 3,
  ),
  raftSpread: oneOf(["required", "preferred"], "use preferred where there are fewer machines than servers"),
  raftPerformanceMultiplier: wholeNumber(1, 10, "5 is Vault's own default"),
  raftAutopilot: json(raftAutopilotSetting),
  passthrough: json(passthroughSetting),
  vaultHosts: json(z.array(z.string({ error: "must be text" }), { error: "must be a list of host names" })),
  certificate: json(certificateSetting),
  networkPolicy: json(networkPolicySetting),
  vaultImage: image(),
  vaultVersion: z.string(),
  storageSize: size(),
  auditStorageSize: size(),
  storageClass: storageClassName(),
  nodePort: nodePort("use 0 for none"),
  nodeAddress: hostName("a host name or address of a node"),
  access: json(
    z.discriminatedUnion(
      "kind",
      [
        z.strictObject({ kind: z.literal("tunnel"), port: tunnelPortNumber().optional() }),
        z.strictObject({ kind: z.literal("address"), url: baseUrl() }),
      ],
      { error: 'must be {kind: "tunnel"} or {kind: "address"}; set vaultstack:access.kind' },
    ),
  ),
  secretShares: wholeNumber(1, 255, "Vault splits its key into that many shares"),
  secretThreshold: wholeNumber(1, 255, "it is the number of shares that unseal"),
  escrowPublicKey: publicKey(/^(|[A-Za-z0-9+/]+={0,2})$/, "make a pair with `npm run escrow -- <stack>`"),
  escrowPrivateKey: armoredPrivateKey(),
  escrowPreviousPrivateKey: armoredPrivateKey(),
  custody: json(
    z.discriminatedUnion(
      "kind",
      [z.strictObject({ kind: z.literal("pulumi") }), z.strictObject({ kind: z.literal("pgp"), holders: holders() })],
      { error: 'must be {kind: "pulumi"} or {kind: "pgp", holders: [...]}; set vaultstack:custody.kind' },
    ),
  ),
  keysGeneration: wholeNumber(1, 1_000_000, "raise it by one to replace all shares"),
  encodedRootToken: text(
    /^(|[A-Za-z0-9+/]+={0,2})$/,
    "must be base64, without line breaks",
    "copy the encoded token that `vault operator generate-root` shows",
  ),
  kvSeeds: json(
    z.record(
      z.string().refine((name) => kvSecretNameFaults("", name).length === 0, {
        error: "must be keyed by names of secrets below the mount; use letters, digits, dots, dashes and inner slashes",
      }),
      z.record(z.string(), z.string({ error: "must be text; quote the value" }), {
        error: "must be keys with their values; set it with `pulumi config set --secret --path`",
      }),
      { error: "must be secrets by name; set it with `pulumi config set --secret --path`" },
    ),
  ),
  seal: json(sealSetting),
  previousSeal: json(previousSealSetting),
  sealCredentials: json(sealCredentialsSetting),
  ldap: json(ldapSetting),
  ldapBindPassword: text(/^[^\r\n]*$/, "must be one line", "set it with `pulumi config set --secret`"),
  webAppImage: image(),
  webAppNodePort: nodePort("use 0 for none"),
  webAppNamespace: namespace(),
  demoAppNamespace: namespace(),
  consumers: json(consumersSetting),
  agents: json(agentsSetting),
  jwt: json(jwtSetting),
  postgres: json(
    z.discriminatedUnion(
      "kind",
      [
        z.strictObject({
          kind: z.literal("server"),
          storageSize: size().optional(),
          access: z.discriminatedUnion(
            "kind",
            [
              z.strictObject({ kind: z.literal("tunnel"), port: tunnelPortNumber().optional() }),
              z.strictObject({ kind: z.literal("address"), host: hostName(), port: serverPort() }),
            ],
            { error: 'must be {kind: "tunnel"} or {kind: "address"}; set vaultstack:postgres.access.kind' },
          ),
        }),
        z.strictObject({
          kind: z.literal("address"),
          host: hostName(),
          port: serverPort().optional(),
          username: loginName(),
          caCertificate: certificates("leave it out for a server without TLS").optional(),
        }),
      ],
      { error: 'must be {kind: "server"} or {kind: "address"}; set vaultstack:postgres.kind' },
    ),
  ),
  postgresImage: image(),
  postgresNamespace: namespace(),
  postgresPassword: z.string({ error: "must be set; see its description in Pulumi.yaml" }),
  databaseAppNamespace: namespace(),
  secretsOperator: oneOf(["install", "existing", "none"], "there can be one in a cluster; use existing for another's"),
  secretsOperatorNamespace: namespace(),
  secretsOperatorChart: json(
    z.discriminatedUnion(
      "kind",
      [
        z.strictObject({ kind: z.literal("repository"), url: chartRepository(), version: chartVersion() }),
        z.strictObject({ kind: z.literal("path"), path: chartPath() }),
      ],
      { error: 'must be {kind: "repository"} or {kind: "path"}; set vaultstack:secretsOperatorChart.kind' },
    ),
  ),
  refreshAfter: duration(),
  allowReinitialize: consent(),
  adoptExisting: consent(),
  takeBackFields: consent(),
  allowDataLoss: json(z.array(z.string({ error: "must be text" }), { error: "must be a list of names of resources" })),
} as const;

/** Name of a setting, without `vaultstack:`. */
export type SettingName = keyof typeof settings;

/** All settings, parsed. */
export type Settings = { readonly [Name in SettingName]: z.infer<(typeof settings)[Name]> };

/** Settings whose values are never shown and must be stored encrypted when they are not empty. */
export const secretSettings: readonly SettingName[] = [
  "escrowPrivateKey",
  "escrowPreviousPrivateKey",
  "encodedRootToken",
  "kvSeeds",
  "ldapBindPassword",
  "postgresPassword",
  "sealCredentials",
];
