import * as pulumi from "@pulumi/pulumi";
import * as vault from "@pulumi/vault";
import { adopting, childOptions, componentOptions } from "../../shared/child-options.ts";
import { reservedNameFaults } from "../../shared/reserved-names.ts";
import { fault, rejectFaults } from "../../../shared/errors.ts";
import { isLabel, isSubdomain } from "../../../shared/kubernetes-name.ts";
import { vaultNameFaults } from "../../../shared/vault-name.ts";
import { recordAccess, vaultOf } from "../matrix/access-ledger.ts";
import { authPathFaults } from "./auth-path.ts";
import { kubernetesKind, kubernetesRoleType } from "./kubernetes-kind.ts";
import type { Policy } from "../policy.ts";
import { durationFaults, type Duration } from "../../../shared/units.ts";
import { lastRenewal, lifetimeFaults, lifetimeSeconds, type TokenLifetime } from "./token-lifetime.ts";

/** A service account: a resource of the program, or the name of one that somebody else creates. */
export interface BoundServiceAccount {
  readonly metadata: { readonly name: pulumi.Input<string>; readonly namespace: pulumi.Input<string> };
}

/** Who may log in under one Vault role, and what the token may do. */
export interface KubernetesRoleArgs {
  /** The service accounts that may log in, without wildcards; resources where the program creates them. */
  readonly serviceAccounts: readonly BoundServiceAccount[];
  /** Audience that the presented token must be issued for. A token for another service is refused. */
  readonly audience: string;
  /** Policies of the issued token. */
  readonly policies: readonly Policy[];
  /** Lifetime of the issued token. */
  readonly lifetime: TokenLifetime;
}

/** A login method for workloads of the cluster that Vault runs in. */
export interface KubernetesAuthArgs<Role extends string> {
  /** Mount path, without `auth/`. Changing it makes a new mount. @default "kubernetes" */
  readonly path?: string;
  /**
   * Whether a mount that exists already is taken over; it must exist then.
   * @default false: an existing one is refused
   */
  readonly adopt?: boolean;
  /** API server as the Vault pods see it. @default "https://kubernetes.default.svc" */
  readonly apiServer?: pulumi.Input<string>;
  /** Longest life of a token of this mount, renewals included. @default - Vault's own limit, 768h */
  readonly maxLeaseTtl?: Duration;
  /** Roles by their name inside Vault. Plain, because they decide which children exist. */
  readonly roles: Record<Role, KubernetesRoleArgs>;
}

/** What a workload needs to log in under a role. */
export interface KubernetesLogin {
  /** Mount path, without `auth/`. */
  readonly authPath: pulumi.Output<string>;
  /** Name of the role; resolves once it exists. */
  readonly roleName: pulumi.Output<string>;
  /** Audience of the token to ask Kubernetes for. */
  readonly audience: string;
  /**
   * When the token that Vault gives for it ends, however often it is renewed; null for never.
   * @default - not known here
   */
  readonly tokenEnd?: Duration | null;
}

/**
 * Login for workloads by their service account: the mount, its configuration, one role per workload.
 *
 * Vault reviews tokens as itself: it takes the API server's CA certificate and its own token, which Kubernetes renews,
 * from its pod. Stored copies of both would expire.
 * @example
 * const auth = new KubernetesAuth("kubernetes", { roles: { webapp: { serviceAccounts: [account], … } } }, insideVault);
 * new WebApp("webapp", { login: auth.logins.webapp, … });
 */
export class KubernetesAuth<Role extends string = string> extends pulumi.ComponentResource {
  /** Mount path, without `auth/`; resolves once the mount can review tokens. */
  public readonly path: pulumi.Output<string>;
  /** What each role's workload needs, by role. */
  public readonly logins: Readonly<Record<Role, KubernetesLogin>>;
  /** Longest life of a token of this mount; undefined for Vault's own limit. */
  public readonly maxLeaseTtl: Duration | undefined;
  private readonly name: string;
  private readonly child: pulumi.CustomResourceOptions;
  private readonly roleNames: Set<string>;

  public constructor(name: string, args: KubernetesAuthArgs<Role>, opts?: pulumi.ComponentResourceOptions) {
    super("vaultstack:access:KubernetesAuth", name, {}, componentOptions(opts));
    const path = args.path ?? "kubernetes";
    rejectFaults(this, [
      ...kubernetesAuthFaults(args),
      ...reservedNameFaults(this, "auth mount", path, "path", kubernetesKind),
    ]);
    const child = childOptions(this, opts);

    const { maxLeaseTtl } = args;
    const mount = new vault.AuthBackend(
      name,
      { type: "kubernetes", path, ...(maxLeaseTtl !== undefined && { tune: { maxLeaseTtl } }) },
      adopting(child, args.adopt, path),
    );
    const config = new vault.kubernetes.AuthBackendConfig(
      `${name}-config`,
      {
        backend: mount.path,
        kubernetesHost: args.apiServer ?? "https://kubernetes.default.svc",
        disableLocalCaJwt: false,
        // Kubernetes itself checks the issuer while it reviews a token.
        disableIssValidation: true,
      },
      child,
    );

    // From the configuration, not from the mount: a role on a mount without configuration accepts no login.
    this.path = config.backend.apply((backend) => backend ?? path);
    this.maxLeaseTtl = maxLeaseTtl;
    this.name = name;
    this.child = child;
    this.roleNames = new Set();
    this.logins = mapRoles(args.roles, (roleName, role) => this.addRole(roleName, role));
    this.registerOutputs({ path: this.path });
  }

  /**
   * Adds a role for a workload that is declared later than the mount.
   * @param roleName Name inside Vault, unique within the mount.
   * @param role Who may log in, and what they may do.
   * @returns What the workload needs to log in.
   * @throws {pulumi.ResourceError} When the role has a fault, or its name is taken.
   */
  public addRole(roleName: string, role: KubernetesRoleArgs): KubernetesLogin {
    const taken = this.roleNames.has(roleName)
      ? [fault(`roles.${roleName}`, "must be declared once", roleName, "give one of the two another name")]
      : [];
    rejectFaults(this, [...taken, ...roleFaults(roleName, role, this.maxLeaseTtl)]);
    this.roleNames.add(roleName);
    const inputs = {
      backend: this.path,
      roleName,
      boundServiceAccountNames: role.serviceAccounts.map((account) => account.metadata.name),
      boundServiceAccountNamespaces: role.serviceAccounts.map((account) => account.metadata.namespace),
      audience: role.audience,
      tokenPolicies: role.policies.map((policy) => policy.policyName),
      ...lifetimeSeconds(role.lifetime),
    };
    const created = new vault.kubernetes.AuthBackendRole(`${this.name}-${roleName}`, inputs, this.child);
    recordAccess(vaultOf(this), kubernetesRoleType, inputs);
    const tokenEnd = lastRenewal(role.lifetime, this.maxLeaseTtl);
    return { authPath: this.path, roleName: created.roleName, audience: role.audience, tokenEnd };
  }
}

/** Every fault of a login method's arguments. */
export function kubernetesAuthFaults(args: KubernetesAuthArgs<string>): string[] {
  const path = args.path ?? "kubernetes";
  const { maxLeaseTtl } = args;
  return [
    ...authPathFaults(path),
    ...(maxLeaseTtl === undefined ? [] : durationFaults("maxLeaseTtl", maxLeaseTtl)),
    ...Object.entries(args.roles).flatMap(([name, role]) => roleFaults(name, role, maxLeaseTtl)),
  ];
}

function roleFaults(name: string, role: KubernetesRoleArgs, maxLeaseTtl: Duration | undefined): string[] {
  const at = `roles.${name}`;
  const faults = [
    ...vaultNameFaults(at, name, "role"),
    ...role.serviceAccounts.flatMap((account, index) => accountFaults(`${at}.serviceAccounts[${index}]`, account)),
    ...lifetimeFaults(`${at}.lifetime`, role.lifetime, maxLeaseTtl),
  ];
  if (role.serviceAccounts.length === 0) {
    faults.push(fault(`${at}.serviceAccounts`, "must name at least one", [], "list the accounts of the workload"));
  }
  if (role.audience === "") {
    faults.push(
      fault(`${at}.audience`, "must not be empty", role.audience, "use the audience of the workload's token"),
    );
  }
  if (role.policies.length === 0) {
    faults.push(fault(`${at}.policies`, "must hold at least one", [], "a token without a policy can do nothing"));
  }
  return faults;
}

/**
 * For accounts that somebody else makes; Kubernetes validates those that the program makes. An asterisk would let
 * everyone in.
 */
function accountFaults(at: string, { metadata: { name, namespace } }: BoundServiceAccount): string[] {
  const faults: string[] = [];
  if (typeof name === "string" && !isSubdomain(name)) {
    faults.push(fault(`${at}.name`, "must be the name of a service account", name, "leave out its namespace"));
  }
  if (typeof namespace === "string" && !isLabel(namespace)) {
    faults.push(fault(`${at}.namespace`, "must be the name of a namespace", namespace, "name one"));
  }
  return faults;
}

function mapRoles<Role extends string>(
  roles: Record<Role, KubernetesRoleArgs>,
  make: (name: Role, role: KubernetesRoleArgs) => KubernetesLogin,
): Record<Role, KubernetesLogin> {
  const names = Object.keys(roles) as Role[];
  return Object.fromEntries(names.map((name) => [name, make(name, roles[name])])) as Record<Role, KubernetesLogin>;
}
