import * as pulumi from "@pulumi/pulumi";
import * as vault from "@pulumi/vault";
import { adoptingAsItIs, childOptions, componentOptions } from "../../shared/child-options.ts";
import { reservedNameFaults } from "../../shared/reserved-names.ts";
import { rejectFaults } from "../../../shared/errors.ts";
import { vaultNameFaults } from "../../../shared/vault-name.ts";
import { recordAccess, vaultOf } from "../matrix/access-ledger.ts";
import { jwtKind, jwtTypes } from "./jwt-kind.ts";
import { authPathFaults } from "./auth-path.ts";
import { type JwtAlgorithm, jwtAlgorithmFaults } from "./jwt-algorithms.ts";
import { jwtIssuerFaults, jwtIssuerInputs, type JwtIssuer } from "./jwt-issuer.ts";
import { jwtRoleFaults, jwtRoleInputs, type JwtRoleArgs } from "./jwt-role.ts";

/** A login method for whatever has tokens from an issuer, such as the jobs of a CI system. */
export interface JwtAuthArgs<Role extends string> {
  /** Mount path, without `auth/`; one segment. Changing it moves the mount. @default "jwt" */
  readonly path?: string;
  /**
   * Whether a mount that exists already is taken over; it must exist then. Its settings stay as they are in the run
   * that takes it over, and are written by the next one.
   * @default false: an existing one is refused
   */
  readonly adopt?: boolean;
  /**
   * Whose tokens are accepted. Vault asks for its keys while the mount is made, so the issuer must be reachable then.
   */
  readonly issuer: JwtIssuer;
  /** How tokens may be signed. @default ["RS256"] */
  readonly algorithms?: readonly JwtAlgorithm[];
  /** Roles by their name inside Vault. Plain, because they decide which children exist. */
  readonly roles: Record<Role, JwtRoleArgs>;
}

/**
 * Login with tokens that somebody else signs: the mount with its issuer, and a role for each kind of token.
 *
 * Nobody hands out anything for it, and Vault stores nothing but public keys. What the issuer says in its tokens
 * decides who may log in, so each role binds an audience and a subject or claims.
 * @example
 * new JwtAuth(
 *   "ci",
 *   {
 *     issuer: { kind: "discovery", url: "https://ci.example.com" },
 *     roles: { deploy: { audiences: ["vault"], subject, policies, lifetime } },
 *   },
 *   insideVault,
 * );
 */
export class JwtAuth<Role extends string = string> extends pulumi.ComponentResource {
  /** Mount path, without `auth/`; resolves once tokens can be verified. */
  public readonly path: pulumi.Output<string>;
  /** Names of the roles, each resolved once its role exists. */
  public readonly roleNames: Readonly<Record<Role, pulumi.Output<string>>>;

  public constructor(name: string, args: JwtAuthArgs<Role>, opts?: pulumi.ComponentResourceOptions) {
    super("vaultstack:access:JwtAuth", name, {}, componentOptions(opts));
    const path = args.path ?? "jwt";
    rejectFaults(this, [...jwtAuthFaults(args), ...reservedNameFaults(this, "auth mount", path, "path", jwtKind)]);
    const child = childOptions(this, opts);

    const inVault = vaultOf(this);
    const jwtSupportedAlgs = [...(args.algorithms ?? ["RS256"])];
    const settings = { ...jwtIssuerInputs(args.issuer), jwtSupportedAlgs };
    const inputs = { path, type: "jwt", ...settings };
    const mount = new vault.jwt.AuthBackend(name, inputs, adoptingAsItIs(child, args.adopt, path, settings));
    recordAccess(inVault, jwtTypes.method, inputs);
    this.path = mount.path.apply((mounted) => mounted ?? path);

    const names = Object.entries<JwtRoleArgs>(args.roles).map(([roleName, role]) => {
      const bound = { backend: this.path, roleName, ...jwtRoleInputs(role) };
      const created = new vault.jwt.AuthBackendRole(`${name}-${roleName}`, bound, child);
      recordAccess(inVault, jwtTypes.role, bound);
      return [roleName, created.roleName] as const;
    });
    this.roleNames = Object.fromEntries(names) as Record<Role, pulumi.Output<string>>;
    this.registerOutputs({ path: this.path });
  }
}

/** Every fault of a login method's arguments. */
export function jwtAuthFaults(args: JwtAuthArgs<string>): string[] {
  return [
    ...authPathFaults(args.path ?? "jwt"),
    ...jwtIssuerFaults("issuer", args.issuer),
    ...jwtAlgorithmFaults(args.algorithms),
    ...Object.entries(args.roles).flatMap(([name, role]) => [
      ...vaultNameFaults(`roles.${name}`, name, "role"),
      ...jwtRoleFaults(`roles.${name}`, role),
    ]),
  ];
}
