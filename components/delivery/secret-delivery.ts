import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { KubernetesAuth, KubernetesLogin } from "../access/logins/kubernetes-auth.ts";
import { Policy } from "../access/policy.ts";
import { lastRenewal, lifetimeFaults, type TokenLifetime } from "../access/logins/token-lifetime.ts";
import { componentOptions } from "../shared/child-options.ts";
import { rejectFaults } from "../../shared/errors.ts";
import { type DeliveredSecret, consumerRules } from "./consumer-rules.ts";
import { secretDeliveryFaults, undeclaredMountFaults } from "./delivery-faults.ts";
import { DynamicSecret } from "./custom-resources/dynamic-secret.ts";
import { PkiSecret } from "./custom-resources/pki-secret.ts";
import { StaticSecret } from "./custom-resources/static-secret.ts";
import type { SyncedSecret } from "./custom-resources/synced-secret.ts";
import { VaultAuth } from "./custom-resources/vault-auth.ts";
import type { VaultConnection } from "./custom-resources/vault-connection.ts";

/** What one workload gets from Vault, and under which identity. */
export interface SecretDeliveryArgs<Name extends string> {
  /** Account of the workload; the secrets are in its namespace. */
  readonly serviceAccount: k8s.core.v1.ServiceAccount;
  /** The operator's connection to Vault. */
  readonly connection: VaultConnection;
  /** Where the workload's tokens are reviewed. */
  readonly auth: KubernetesAuth;
  /** Role inside Vault. Its policy follows from the secrets. @default - the component's name */
  readonly roleName?: string;
  /** Audience of the token that the operator requests from Kubernetes. @default "vault" */
  readonly audience?: string;
  /** Lifetime of the Vault token that the operator holds on behalf of the workload. */
  readonly lifetime: TokenLifetime;
  /** The secrets, by the name of their custom resource. Plain, because they decide which children exist. */
  readonly secrets: Readonly<Record<Name, DeliveredSecret>>;
}

/**
 * Everything one workload gets from Vault: its policy and role, the operator's login on its behalf, and each secret.
 *
 * The policy allows exactly what the secrets need, so nobody has to write it. In the options, `deletedWith` applies
 * only to what lives inside Vault: custom resources are deleted individually, while the operator still runs.
 * @example
 * const delivery = new SecretDelivery("static-auth", {
 *   serviceAccount, connection, auth, lifetime: { kind: "ttl", ttl: "24h" },
 *   secrets: {
 *     "vault-kv-app": {
 *       kind: "static",
 *       source: kv.secret("webapp/config"),
 *       destination: { kind: "create", name: "secretkv" },
 *     },
 *   },
 * }, options);
 */
export class SecretDelivery<Name extends string = string> extends pulumi.ComponentResource {
  /** The role, for a workload that also logs in by itself. */
  public readonly login: KubernetesLogin;
  /** The Kubernetes Secrets, by the name of their custom resource. */
  public readonly secrets: Readonly<Record<Name, SyncedSecret>>;

  public constructor(name: string, args: SecretDeliveryArgs<Name>, opts?: pulumi.ComponentResourceOptions) {
    super("vaultstack:delivery:SecretDelivery", name, {}, componentOptions(opts));
    const secrets = Object.entries<DeliveredSecret>(args.secrets);
    const { serviceAccount, connection, auth, roleName = name, audience = "vault", lifetime } = args;
    rejectFaults(this, [
      ...lifetimeFaults("lifetime", lifetime, auth.maxLeaseTtl),
      ...secretDeliveryFaults(args.secrets, lastRenewal(lifetime, auth.maxLeaseTtl)),
      ...undeclaredMountFaults(this, args.secrets),
    ]);
    const inside = {
      parent: this,
      ...(opts?.deletedWith && { deletedWith: opts.deletedWith }),
      ...(opts?.dependsOn && { dependsOn: opts.dependsOn }),
    };

    const policy = new Policy(name, { rules: consumerRules(secrets.map(([, secret]) => secret)) }, inside);
    this.login = auth.addRole(roleName, { serviceAccounts: [serviceAccount], audience, policies: [policy], lifetime });
    const method = { kind: "kubernetes", login: this.login, serviceAccount } as const;
    const vaultAuth = new VaultAuth(name, { connection, method }, { parent: this });
    this.secrets = Object.fromEntries(
      secrets.map(([secretName, secret]) => [
        secretName,
        deliver(`${name}-${secretName}`, secret, { auth: vaultAuth, objectName: secretName }, { parent: this }),
      ]),
    ) as Record<Name, SyncedSecret>;
    this.registerOutputs({ roleName: this.login.roleName });
  }
}

function deliver(
  name: string,
  secret: DeliveredSecret,
  place: { readonly auth: VaultAuth; readonly objectName: string },
  opts: pulumi.ComponentResourceOptions,
): SyncedSecret {
  switch (secret.kind) {
    case "static":
      return new StaticSecret(name, { ...secret, ...place }, opts);
    case "dynamic":
      return new DynamicSecret(name, { ...secret, ...place }, opts);
    case "certificate":
      return new PkiSecret(name, { ...secret, ...place }, opts);
  }
}
