import { setImmediate } from "node:timers/promises";
import * as pulumi from "@pulumi/pulumi";
import * as vault from "@pulumi/vault";
import { adminPolicyRules, policyDocument, previewPolicyRules } from "../../access/admin-policy.ts";
import { recordAccess } from "../../access/matrix/access-ledger.ts";
import { accessTypes } from "../../access/matrix/access-types.ts";
import { childOptions, componentOptions } from "../../shared/child-options.ts";
import { rejectFaults } from "../../../shared/errors.ts";
import { notKnownYet } from "../../../shared/not-known-yet.ts";
import { toSeconds, type Duration } from "../../../shared/units.ts";
import { AdminAccess } from "./admin-access.ts";
import { caFile, writeCaFile } from "../reach/ca-file.ts";
import { custodyFaults, type KeyCustody, shareRecipients } from "./key-custody.ts";
import type { VaultCredential } from "../../../protocol/vault-client/session.ts";
import type { VaultTarget } from "../../../protocol/frame/vault-target.ts";
import { VaultInit } from "./vault-init.ts";
import { VaultQuorum } from "./vault-quorum.ts";
import { isOutOfSight, isRefreshing, type VaultReach } from "../reach/vault-reach.ts";
import { VaultRekey } from "./vault-rekey.ts";
import { devRootToken, type VaultServer } from "../server/vault-server.ts";
import type { VaultSession } from "./vault-session.ts";
import { VaultUnseal } from "./vault-unseal.ts";

/** What it takes to initialise and unseal a Vault. */
export interface VaultBootstrapArgs {
  /** The server to unseal. */
  readonly server: VaultServer;
  /** Its pods, from `vaultTarget`. */
  readonly target: VaultTarget;
  /** What the program found before it changed anything. */
  readonly reach: VaultReach;
  /** Who can decrypt the keys; null for the development server, which has none. */
  readonly custody: KeyCustody | null;
  /**
   * Whether the provider can compare everything that lives inside Vault with the state alone, so that a preview is
   * exact while Vault is sealed. It does ask Vault for the authorities of a PKI engine, and for anything imported.
   * @default false
   */
  readonly comparesWithoutVault?: boolean;
}

/** Name of the Secret with the encrypted keys, in Vault's namespace. */
export const keysSecretName = "vault-keys";

/** Mount of the AppRoles that Pulumi logs in with; AppRoles for people or machines must not share it. */
export const pulumiAuthPath = "approle-pulumi";

/** Longer than the longest `up`: the Vault plugin logs in once and does not renew its token. */
const loginTtl: Duration = "2h";

/**
 * Takes a Vault server from an empty volume to one that Pulumi may configure: initialised, unsealed, with a login of
 * Pulumi's own (the root token is revoked), and a provider that uses it.
 *
 * Everything that is to live inside Vault takes {@link VaultBootstrap.provider} as its provider.
 * @example
 * const { provider } = new VaultBootstrap(
 *   "vault-bootstrap",
 *   { server, target, reach, custody },
 *   { deletedWith: namespace },
 * );
 */
export class VaultBootstrap extends pulumi.ComponentResource {
  /** Vault's API as Pulumi's own login; usable once Vault serves. */
  public readonly provider: vault.Provider;
  /** The same login for dynamic resources that act inside Vault. */
  public readonly session: VaultSession;
  /** Whether this run compares what lives inside Vault; if not, its values are unknown in this run. */
  public readonly compares: boolean;

  public constructor(name: string, args: VaultBootstrapArgs, opts?: pulumi.ComponentResourceOptions) {
    super("vaultstack:vault:VaultBootstrap", name, {}, componentOptions(opts));
    const child = childOptions(this, opts);
    if (args.custody !== null) rejectFaults(this, custodyFaults(args.custody));
    const login = args.custody === null ? devLogin(args) : openSealed(name, { ...args, custody: args.custody }, child);

    this.session = { target: login.target, credential: login.credential };
    this.provider = new vault.Provider(
      name,
      {
        address: knownWhenCompared(args, {
          now: args.reach.address,
          later: login.ready.apply(() => args.reach.address),
        }),
        ...login.credentials,
        ...verification(args),
        // Set explicitly, because otherwise the plugin asks Vault for it in the middle of a comparison, and panics if
        // it gets no answer.
        ...(args.server.version !== null && { vaultVersionOverride: args.server.version }),
        // A child token could not outlive 20 minutes, and every lease issued through it would end with it.
        skipChildToken: true,
        // Set explicitly: anything left out is taken from the environment of whoever runs this.
        skipTlsVerify: false,
        maxLeaseTtlSeconds: toSeconds(loginTtl),
        maxRetries: 10,
      },
      pulumi.mergeOptions(child, { dependsOn: login.after }),
    );
    if (args.custody !== null) recordAccess(this.provider, accessTypes.adminAccess, adminLogin);
    this.compares = compares(args);
    if (isOutOfSight(args.reach)) void pulumi.log.info(outOfSight(args), this);
    this.registerOutputs();
  }
}

/** What the access matrix needs to know of {@link AdminAccess}. */
const adminLogin = { authPath: pulumiAuthPath, tokenTtl: toSeconds(loginTtl) };

/** How the provider makes sure that it is talking to this Vault; nothing without TLS. */
function verification(args: VaultBootstrapArgs): Pick<vault.ProviderArgs, "tlsServerName" | "caCertFile"> {
  const { server, reach } = args;
  if (server.caCertificate === null || reach.serverName === null) return {};
  const written = server.caCertificate.apply(writeCaFile);
  return { tlsServerName: reach.serverName, caCertFile: knownWhenCompared(args, { now: caFile(), later: written }) };
}

/** The message of a preview that cannot ask Vault. */
function outOfSight(args: VaultBootstrapArgs): string {
  const beginning = `Vault cannot be asked in this preview (${args.reach.obstacle}):`;
  // In a refresh, the engine takes anything it cannot ask for to be gone.
  return compares(args)
    ? `${beginning} what lives inside it is compared with what the last run made, so what was changed by hand since does not show`
    : `${beginning} what lives inside it shows as possible changes, and with a refresh as gone; none of that is known`;
}

/** How the provider logs in. */
interface Login extends VaultSession {
  /** Resolves once it can log in. */
  readonly ready: pulumi.Output<unknown>;
  /** What it depends on, besides the source of the credentials. */
  readonly after: pulumi.Resource[];
  readonly credentials: Pick<vault.ProviderArgs, "authLogin" | "token">;
}

function devLogin({ server, target: plainTarget }: VaultBootstrapArgs): Login {
  const token = pulumi.secret(devRootToken);
  return {
    ready: server.statefulSetName,
    after: [server],
    credentials: { token },
    target: server.statefulSetName.apply((statefulSet) => ({ ...plainTarget, statefulSet })),
    credential: token.apply((value): VaultCredential => ({ kind: "token", token: value })),
  };
}

function openSealed(
  name: string,
  { server, target: plainTarget, reach, custody }: VaultBootstrapArgs & { readonly custody: KeyCustody },
  child: pulumi.CustomResourceOptions,
): Login {
  // The same data, but known only once the StatefulSet exists: a dependency that puts initialisation after it.
  const target = server.statefulSetName.apply((statefulSet) => ({ ...plainTarget, statefulSet }));
  const { secretShares, secretThreshold, keysGeneration, escrowPublicKey } = custody;
  const { allowReinitialize, adoptExisting } = custody;
  const keysSecret = keysSecretName;
  const keys = { secretShares, secretThreshold, keysGeneration, shareRecipients: shareRecipients(custody) };
  const { escrowPrivateKey, escrowPreviousPrivateKey, encodedRootToken } = custody;
  const escrow = { escrowPrivateKey, ...(escrowPreviousPrivateKey !== undefined && { escrowPreviousPrivateKey }) };
  const init = new VaultInit(
    `${name}-init`,
    {
      target,
      keysSecret,
      ...keys,
      rootTokenRecipient: escrowPublicKey,
      seal: server.sealing.seal.kind,
      previousSeal: server.sealing.previousSeal?.kind ?? null,
      allowReinitialize,
      adoptExisting,
      ...escrow,
    },
    child,
  );
  const { keysFingerprint } = init;
  const unseal = new VaultUnseal(
    `${name}-unseal`,
    { target, keysSecret, keysFingerprint, ...escrow, podTemplateHash: server.podsFingerprint },
    child,
  );
  const clusterId = clusterOf(reach, init, unseal);
  const admin = new AdminAccess(
    `${name}-admin`,
    {
      target,
      keysSecret,
      clusterId,
      ...escrow,
      ...(encodedRootToken !== undefined && { encodedRootToken }),
      ...adminLogin,
      adminPolicy: policyDocument(adminPolicyRules()),
      previewPolicy: policyDocument(previewPolicyRules()),
    },
    // While Vault serves, the identity creates no dependency, but the pods that this run rolls out must be unsealed
    // first all the same.
    pulumi.mergeOptions(child, { dependsOn: [unseal] }),
  );
  const { authPath } = admin;
  const [roleId, secretId] = [pulumi.secret(admin.roleId), pulumi.secret(admin.secretId)];
  new VaultRekey(
    `${name}-rekey`,
    { target, keysSecret, clusterId, ...keys, ...escrow, authPath, roleId, secretId },
    pulumi.mergeOptions(child, { dependsOn: [unseal] }),
  );
  if (server.facts.replicas > 1) {
    new VaultQuorum(
      `${name}-quorum`,
      { target, clusterId, authPath, roleId, secretId },
      pulumi.mergeOptions(child, { dependsOn: [unseal] }),
    );
  }
  const authLogin = {
    path: pulumi.interpolate`auth/${authPath}/login`,
    parameters: { role_id: roleId, secret_id: secretId },
  };
  return {
    ready: whenServing(unseal, plainTarget),
    after: [],
    credentials: { authLogin },
    target,
    credential: pulumi
      .secret(pulumi.all([admin.authPath, admin.roleId, admin.secretId]))
      .apply(([authPath, roleId, secretId]): VaultCredential => ({ kind: "app-role", authPath, roleId, secretId })),
  };
}

/**
 * Resolves once Vault serves, which in an `up` is as soon as its unseal is done. A refresh unseals nothing: continuing
 * would take minutes of attempts, or in a preview show everything inside Vault as gone. So the run ends there.
 */
function whenServing(unseal: VaultUnseal, { namespace, statefulSet }: VaultTarget): pulumi.Output<boolean> {
  return unseal.serving.apply(async (serving) => {
    if (serving) return serving;
    const text = `Vault ${namespace}/${statefulSet} does not serve, so what lives inside it cannot be looked at; run \`up\` first, which unseals it`;
    const error = new pulumi.ResourceError(text, unseal, true);
    // Reported by itself first: as it passes through the properties that wait for Vault, the names of all of them are
    // added to it.
    void Promise.reject(error);
    await setImmediate();
    throw error;
  });
}

/**
 * The identity of the cluster. While Vault serves, a pending change of its pods must not make it unknown. While Vault
 * does not serve, a preview knows it from the keys, unless these are about to be recreated.
 */
function clusterOf(reach: VaultReach, init: VaultInit, unseal: VaultUnseal): pulumi.Output<string> {
  if (reach.serving !== null) return pulumi.output(reach.serving.clusterId);
  const { recorded } = reach;
  if (recorded === undefined || !isOutOfSight(reach)) return unseal.clusterId;
  return init.keysFingerprint.apply(() => recorded.clusterId);
}

/**
 * Whether this run compares what lives inside Vault: not in a preview where Vault cannot be asked and would have to be.
 */
function compares({ reach, server, comparesWithoutVault = false }: VaultBootstrapArgs): boolean {
  if (!isOutOfSight(reach)) return true;
  return comparesWithoutVault && server.version !== null && reach.recorded !== undefined && !isRefreshing();
}

/**
 * A value of a Vault that may not serve yet. While Vault serves, a pending change of its pods must not make the value
 * unknown, or every object inside Vault would show as a possible change. The same holds in a preview that compares
 * without Vault. In any other preview the value must be unknown while Vault does not serve, because anything that knows
 * it asks Vault.
 */
function knownWhenCompared(
  args: VaultBootstrapArgs,
  value: { readonly now: string; readonly later: pulumi.Output<string> },
): pulumi.Output<string> {
  if (args.reach.serving !== null) return pulumi.output(value.now);
  if (!isOutOfSight(args.reach)) return value.later;
  if (!compares(args)) return value.later.apply(() => notKnownYet as string);
  // A refresh knows that Vault does not serve, and must end because of that before anything asks Vault; a plain preview
  // does not know it yet.
  const { isKnown } = value.later as pulumi.Output<string> & { readonly isKnown: Promise<boolean> };
  return pulumi
    .output(isKnown)
    .apply((known): pulumi.Output<string> => (known ? value.later : pulumi.output(value.now)));
}
