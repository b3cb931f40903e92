import * as pulumi from "@pulumi/pulumi";
import * as vault from "@pulumi/vault";
import { adopting, adoptingAsItIs, childOptions, componentOptions } from "../../shared/child-options.ts";
import { reservedNameFaults } from "../../shared/reserved-names.ts";
import { rejectFaults } from "../../../shared/errors.ts";
import { type Duration, toSeconds } from "../../../shared/units.ts";
import { recordAccess, vaultOf } from "../matrix/access-ledger.ts";
import { appRoleKind, appRoleType } from "./app-role-kind.ts";
import { appRoleAuthFaults } from "./app-role-faults.ts";
import type { Policy, PolicyRuleArgs } from "../policy.ts";
import { lifetimeSeconds, type TokenLifetime } from "./token-lifetime.ts";

/** What a machine authenticates with: a secret id that somebody hands to it for one start. */
export interface SecretIdArgs {
  /** Number of logins one secret id is good for; at least 1, since 0 means no limit to Vault. @default 1 */
  readonly uses?: number;
  /** How long a secret id is valid. */
  readonly ttl: Duration;
  /** Maximum lifetime of the wrapping token it is handed out in, at most that of the secret id. @default "60s" */
  readonly wrapTtl?: Duration;
  /** Networks that a login with it must come from, as Vault sees them. @default - any */
  readonly boundCidrs?: readonly string[];
}

/** Who logs in under one AppRole, and what the token may do. */
export interface AppRoleArgs {
  /** Policies of the issued token. */
  readonly policies: readonly Policy[];
  /** Lifetime of the issued token. Leases obtained with it end with it. */
  readonly lifetime: TokenLifetime;
  /** The terms of its secret ids. */
  readonly secretId: SecretIdArgs;
  /** Networks that requests with the token must come from, as Vault sees them. @default - any */
  readonly tokenBoundCidrs?: readonly string[];
}

/** A login method for machines that have no identity of another kind, such as the agents of another platform. */
export interface AppRoleAuthArgs<Role extends string> {
  /**
   * Mount path, without `auth/`; one segment. Changing it makes a new mount, whose role ids are new.
   * @default "approle"
   */
  readonly path?: string;
  /**
   * Whether a mount that exists already is taken over with its roles; all must exist then. The run that takes them over
   * leaves the roles as they are, and the next one writes them; their role ids are kept for good.
   * @default false: an existing one is refused
   */
  readonly adopt?: boolean;
  /** Roles by their name inside Vault. Plain, because they decide which children exist. */
  readonly roles: Record<Role, AppRoleArgs>;
}

/** What it takes to log in under an AppRole. */
export interface AppRoleLogin {
  /** Mount path, without `auth/`. */
  readonly authPath: pulumi.Output<string>;
  /** Name of the role; resolves once it exists. */
  readonly roleName: pulumi.Output<string>;
  /** Who the machine says it is. Of no use without a secret id, and so no secret. */
  readonly roleId: pulumi.Output<string>;
  /** What somebody must be allowed to hand out secret ids of this role, and no more: they can never see one. */
  readonly issuerRules: readonly PolicyRuleArgs[];
}

/**
 * Login for machines in two halves: the role id, which anybody may know, and a secret id, which is handed out for each
 * start.
 *
 * No secret id is made here, so none is in any state. Somebody whose policy has a role's `issuerRules` asks Vault for
 * one and gets a wrapping token instead; the machine unwraps it, which works only once.
 * @example
 * const agents = new AppRoleAuth(
 *   "agents",
 *   { path: "agents", roles: { one: { policies: [one], lifetime, secretId: { ttl: "10m" } } } },
 *   insideVault,
 * );
 * new Policy("secret-id-issuer-one", { rules: agents.logins.one.issuerRules }, insideVault);
 */
export class AppRoleAuth<Role extends string = string> extends pulumi.ComponentResource {
  /** Mount path, without `auth/`; resolves once the mount exists. */
  public readonly path: pulumi.Output<string>;
  /** What each machine needs, by role. */
  public readonly logins: Readonly<Record<Role, AppRoleLogin>>;

  public constructor(name: string, args: AppRoleAuthArgs<Role>, opts?: pulumi.ComponentResourceOptions) {
    super("vaultstack:access:AppRoleAuth", name, {}, componentOptions(opts));
    const path = args.path ?? "approle";
    rejectFaults(this, [
      ...appRoleAuthFaults(args),
      ...reservedNameFaults(this, "auth mount", path, "path", appRoleKind),
    ]);
    const child = childOptions(this, opts);

    const mount = new vault.AuthBackend(name, { type: "approle", path }, adopting(child, args.adopt, path));
    this.path = mount.path;
    const logins = Object.entries<AppRoleArgs>(args.roles).map(([roleName, role]) => {
      const terms = roleInputs(role);
      const inputs = { backend: this.path, roleName, ...terms };
      // When an existing role is overwritten, Vault refuses the fields that are fixed at its creation.
      const options = adoptingAsItIs(child, args.adopt, `auth/${path}/role/${roleName}`, terms);
      const created = new vault.approle.AuthBackendRole(`${name}-${roleName}`, inputs, options);
      recordAccess(vaultOf(this), appRoleType, inputs);
      return [roleName, this.login(created, role.secretId)] as const;
    });
    this.logins = Object.fromEntries(logins) as Record<Role, AppRoleLogin>;
    this.registerOutputs({ path: this.path });
  }

  private login({ roleName, roleId }: vault.approle.AuthBackendRole, { wrapTtl = "60s" }: SecretIdArgs): AppRoleLogin {
    const issue: PolicyRuleArgs = {
      path: pulumi.interpolate`auth/${this.path}/role/${roleName}/secret-id`,
      capabilities: ["update"],
      wrapping: { min: "1s", max: wrapTtl },
    };
    return { authPath: this.path, roleName, roleId, issuerRules: [issue] };
  }
}

function roleInputs({ policies, lifetime, secretId, tokenBoundCidrs = [] }: AppRoleArgs) {
  const { uses = 1, ttl, boundCidrs = [] } = secretId;
  return {
    // Set explicitly: if it were switched off, anybody who knows the role id would be let in.
    bindSecretId: true,
    secretIdNumUses: uses,
    secretIdTtl: toSeconds(ttl),
    secretIdBoundCidrs: [...boundCidrs],
    tokenPolicies: policies.map((policy) => policy.policyName),
    tokenBoundCidrs: [...tokenBoundCidrs],
    ...lifetimeSeconds(lifetime),
  };
}
