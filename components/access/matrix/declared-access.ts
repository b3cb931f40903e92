import { z } from "zod";
import { adminPolicyRules, previewPolicyRules } from "../../../protocol/admin-access/admin-policy.ts";
import {
  ADMIN_POLICY_NAME,
  ADMIN_ROLE_NAME,
  PREVIEW_MOUNTS_POLICY_NAME,
  PREVIEW_POLICY_NAME,
  PREVIEW_ROLE_NAME,
} from "../../../protocol/types.ts";
import { fault } from "../../../shared/errors.ts";
import { systemCeiling } from "../../../shared/lease-ceiling.ts";
import { toSeconds } from "../../../shared/units.ts";
import type { AccessMatrix, DeclaredCredential, DeclaredLogin } from "./access-matrix.ts";
import { accessTypes } from "./access-types.ts";
import { jwtMethodBounds } from "./declared-jwt.ts";
import { declaredMethod } from "./declared-method.ts";
import { parsePolicy, type PolicyRule } from "../policy-document.ts";

/** A resource as a program declares it: its type and its inputs. */
export interface DeclaredResource {
  readonly type: string;
  readonly inputs: Readonly<Record<string, unknown>>;
}

/** What one resource adds to the matrix. */
interface Contribution {
  readonly logins?: readonly DeclaredLogin[];
  readonly policies?: Readonly<Record<string, readonly PolicyRule[]>>;
  readonly credentials?: readonly DeclaredCredential[];
}

// What a mount without limits of its own allows; no stack changes the server's default.
const longestTtl = toSeconds(systemCeiling);

const texts = z.array(z.string()).default([]);
const tokenFields = {
  tokenPolicies: texts,
  tokenTtl: z.number().optional(),
  tokenMaxTtl: z.number().optional(),
  tokenPeriod: z.number().optional(),
  tokenNumUses: z.number().default(0),
  tokenBoundCidrs: texts,
};

// Strict where a field decides who gets in: one that is not understood here must not pass unseen.
const kubernetesRole = z.strictObject({
  ...tokenFields,
  backend: z.string(),
  roleName: z.string(),
  boundServiceAccountNames: z.array(z.string()),
  boundServiceAccountNamespaces: z.array(z.string()),
  audience: z.string().optional(),
});
const appRole = z.strictObject({
  ...tokenFields,
  backend: z.string(),
  roleName: z.string(),
  bindSecretId: z.boolean().default(true),
  secretIdBoundCidrs: texts,
  secretIdNumUses: z.number().default(0),
  secretIdTtl: z.number().default(0),
});
const jwtRole = z.strictObject({
  ...tokenFields,
  backend: z.string(),
  roleName: z.string(),
  roleType: z.string(),
  userClaim: z.string(),
  boundAudiences: texts,
  boundSubject: z.string().optional(),
  boundClaims: z.record(z.string(), z.string()).default({}),
  boundClaimsType: z.string().optional(),
});
const ldapMethod = z.looseObject({ ...tokenFields, path: z.string() });
const ldapGroup = z.strictObject({ backend: z.string(), groupname: z.string(), policies: texts });
const ldapUser = z.strictObject({ backend: z.string(), username: z.string(), groups: texts, policies: texts });
const adminAccess = z.looseObject({ authPath: z.string(), tokenTtl: z.number() });
const databaseRole = z.looseObject({
  backend: z.string(),
  name: z.string(),
  defaultTtl: z.number(),
  maxTtl: z.number(),
});
const staticRole = z.looseObject({ backend: z.string(), name: z.string(), username: z.string() });
const pkiRole = z.looseObject({ backend: z.string(), name: z.string() });

type Reader = (inputs: Readonly<Record<string, unknown>>, all: readonly DeclaredResource[]) => Contribution;

const readers: Readonly<Record<string, Reader>> = {
  [accessTypes.policy]: (inputs) => {
    const { name, policy } = z.strictObject({ name: z.string(), policy: z.string() }).parse(inputs);
    const rules = parsePolicy(policy);
    if (rules === null) {
      throw new Error(
        fault(`policy ${name}`, "must be rendered from rules", policy, "declare it by the component Policy"),
      );
    }
    return { policies: { [name]: rules } };
  },
  [accessTypes.kubernetesRole]: (inputs) => {
    const { backend, roleName, audience, ...role } = kubernetesRole.parse(inputs);
    // Vault asks for one of the names and one of the namespaces: each account of the product may log in.
    const subjects = role.boundServiceAccountNamespaces.flatMap((namespace) =>
      role.boundServiceAccountNames.map((account) => `serviceaccount ${namespace}/${account}`),
    );
    const bounds = audience === undefined ? {} : { audience: [audience] };
    return { logins: [tokenLogin(role, { authPath: backend, role: `role ${roleName}`, subjects, bounds })] };
  },
  [accessTypes.appRole]: (inputs) => {
    const { backend, roleName, secretIdBoundCidrs, secretIdNumUses, secretIdTtl, ...role } = appRole.parse(inputs);
    const who = role.bindSecretId ? `approle ${roleName}` : `whoever knows the role id of ${roleName}`;
    const bounds = ifAny("secretIdCidr", secretIdBoundCidrs);
    const limits = { ...ifSet("secretIdUses", secretIdNumUses), ...ifSet("secretIdTtl", secretIdTtl) };
    return {
      logins: [tokenLogin(role, { authPath: backend, role: `role ${roleName}`, subjects: [who], bounds, limits })],
    };
  },
  [accessTypes.jwtRole]: (inputs, all) => {
    const { backend, roleName, userClaim, boundSubject, boundClaimsType = "string", ...role } = jwtRole.parse(inputs);
    const claims = Object.entries(role.boundClaims).map(([claim, value]) => [
      `claim ${claim}${boundClaimsType === "string" ? "" : ` (${boundClaimsType})`}`,
      value.split(","),
    ]);
    const bounds = {
      ...jwtMethodBounds(all, backend),
      ...ifAny("audience", role.boundAudiences),
      ...ifAny("subject", boundSubject === undefined ? [] : [boundSubject]),
      ...(Object.fromEntries(claims) as Record<string, string[]>),
    };
    const subjects = [`${role.roleType} ${roleName}, named by ${userClaim}`];
    return { logins: [tokenLogin(role, { authPath: backend, role: `role ${roleName}`, subjects, bounds })] };
  },
  [accessTypes.ldapGroup]: (inputs, all) => {
    const { backend, groupname, policies } = ldapGroup.parse(inputs);
    return { logins: [directoryLogin(all, { backend, role: `group ${groupname}`, policies })] };
  },
  [accessTypes.ldapUser]: (inputs, all) => {
    const { backend, username, groups, policies } = ldapUser.parse(inputs);
    const memberOf = groups.map((group) => group.toLowerCase());
    const ofGroups = all
      .filter(({ type }) => type === accessTypes.ldapGroup)
      .map((group) => ldapGroup.parse(group.inputs))
      .filter((group) => group.backend === backend && memberOf.includes(group.groupname.toLowerCase()));
    const granted = [...policies, ...ofGroups.flatMap((group) => group.policies)];
    return { logins: [directoryLogin(all, { backend, role: `user ${username}`, policies: granted })] };
  },
  [accessTypes.adminAccess]: (inputs, all) => {
    const { authPath, tokenTtl } = adminAccess.parse(inputs);
    const limits = { ttl: tokenTtl, maxTtl: tokenTtl };
    const login = (role: string, subject: string, policies: string[]): DeclaredLogin => {
      return { authPath, role: `role ${role}`, subjects: [subject], bounds: {}, limits, policies };
    };
    // Not in a program without mounts; Vault bears the name of a policy that is not there.
    const ofMounts = all.some(({ inputs: { name } }) => name === PREVIEW_MOUNTS_POLICY_NAME)
      ? [PREVIEW_MOUNTS_POLICY_NAME]
      : [];
    return {
      logins: [
        login(ADMIN_ROLE_NAME, "pulumi, this program", [ADMIN_POLICY_NAME]),
        login(PREVIEW_ROLE_NAME, "previews of this program", [PREVIEW_POLICY_NAME, ...ofMounts]),
      ],
      policies: { [ADMIN_POLICY_NAME]: adminPolicyRules(), [PREVIEW_POLICY_NAME]: previewPolicyRules() },
    };
  },
  [accessTypes.databaseRole]: (inputs) => {
    const { backend, name, defaultTtl, maxTtl, ...rest } = databaseRole.parse(inputs);
    return {
      credentials: [{ path: `${backend}/creds/${name}`, limits: { ttl: defaultTtl, maxTtl }, terms: termsOf(rest) }],
    };
  },
  [accessTypes.databaseStaticRole]: (inputs) => {
    const { backend, name, ...rest } = staticRole.parse(inputs);
    return { credentials: [{ path: `${backend}/static-creds/${name}`, limits: {}, terms: termsOf(rest) }] };
  },
  [accessTypes.pkiRole]: (inputs) => {
    const { backend, name, ...rest } = pkiRole.parse(inputs);
    return { credentials: [{ path: `${backend}/issue/${name}`, limits: {}, terms: termsOf(rest) }] };
  },
};

/** Types whose objects let somebody in or allow something; one without a reader must not pass unseen. */
const granting =
  /^vault:.*(Role|User|Group|Policy|Policies|Token|Entity|Alias|Ids|SecretId|Login|Rgp|Egp|AuthBackend)$/;
/** Login methods that grant nothing by themselves: their roles do. */
const plainMethods = ["vault:index/authBackend:AuthBackend", accessTypes.ldapMethod, accessTypes.jwtMethod];

/**
 * Computes who may do what from the resources of a program.
 * @param resources All of them; others than Vault's are passed over.
 * @returns The matrix, in a stable order.
 * @throws {Error} With every resource that is not understood: it might grant what the matrix then would not show.
 */
export function accessOf(resources: readonly DeclaredResource[]): AccessMatrix {
  const faults: string[] = [];
  const contributions = resources.flatMap(({ type, inputs }) => {
    const read = readers[type];
    if (read === undefined) {
      if (granting.test(type) && !plainMethods.includes(type)) {
        faults.push(fault(type, "must be of a type the access matrix understands", inputs, "teach declared-access.ts"));
      }
      return [];
    }
    try {
      return [read(inputs, resources)];
    } catch (error) {
      faults.push(`${type}: ${error instanceof Error ? error.message : String(error)}`);
      return [];
    }
  });
  if (faults.length > 0) throw new Error(faults.join("\n"));
  const byName = (a: DeclaredLogin, b: DeclaredLogin): number =>
    `${a.authPath} ${a.role}` < `${b.authPath} ${b.role}` ? -1 : 1;
  return {
    logins: contributions.flatMap(({ logins = [] }) => logins).sort(byName),
    policies: Object.assign({}, ...contributions.map(({ policies = {} }) => policies)) as AccessMatrix["policies"],
    credentials: contributions
      .flatMap(({ credentials = [] }) => credentials)
      .sort((a, b) => (a.path < b.path ? -1 : 1)),
  };
}

interface TokenFields {
  readonly tokenPolicies: readonly string[];
  readonly tokenTtl?: number | undefined;
  readonly tokenMaxTtl?: number | undefined;
  readonly tokenPeriod?: number | undefined;
  readonly tokenNumUses: number;
  readonly tokenBoundCidrs: readonly string[];
}

interface LoginBase extends Omit<DeclaredLogin, "limits" | "policies"> {
  readonly limits?: DeclaredLogin["limits"];
}

function tokenLogin(token: TokenFields, login: LoginBase): DeclaredLogin {
  return {
    ...login,
    bounds: { ...login.bounds, ...ifAny("tokenCidr", token.tokenBoundCidrs) },
    limits: { ...login.limits, ...lifetime(token), ...ifSet("tokenUses", token.tokenNumUses) },
    policies: token.tokenPolicies,
  };
}

/** A periodic token has no end as long as it is renewed; every other one ends by the mount's limit at the latest. */
function lifetime({ tokenTtl, tokenMaxTtl, tokenPeriod }: Omit<TokenFields, "tokenPolicies">): Record<string, number> {
  if (tokenPeriod !== undefined && tokenPeriod > 0) return { ttl: tokenPeriod };
  const maxTtl = tokenMaxTtl === undefined || tokenMaxTtl === 0 ? longestTtl : tokenMaxTtl;
  return { ttl: tokenTtl === undefined || tokenTtl === 0 ? maxTtl : tokenTtl, maxTtl };
}

/** A group or a person of a directory; how long a token lives is said by the method. */
function directoryLogin(
  all: readonly DeclaredResource[],
  {
    backend,
    role,
    policies,
  }: { readonly backend: string; readonly role: string; readonly policies: readonly string[] },
): DeclaredLogin {
  const kind = { type: accessTypes.ldapMethod, schema: ldapMethod, component: "LdapAuth" };
  const method = declaredMethod(all, backend, kind);
  const granted = [...new Set([...policies, ...method.tokenPolicies])];
  return tokenLogin(
    { ...method, tokenPolicies: granted },
    { authPath: backend, role, subjects: [`ldap ${role}`], bounds: {} },
  );
}

function ifAny(name: string, values: readonly string[]): Record<string, readonly string[]> {
  return values.length === 0 ? {} : { [name]: values };
}

/** In Vault's roles zero means no limit. */
function ifSet(name: string, limit: number): Record<string, number> {
  return limit === 0 ? {} : { [name]: limit };
}

function termsOf(inputs: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(inputs)
    .map(([name, value]) => `${name} = ${JSON.stringify(value)}`)
    .sort();
}
