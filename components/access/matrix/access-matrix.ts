import { fault } from "../../../shared/errors.ts";
import { toSeconds } from "../../../shared/units.ts";
import {
  adminPolicyName,
  previewMountsPolicyName,
  previewPolicyName,
} from "../../../protocol/admin-access/login-names.ts";
import type { Capability, PolicyRule } from "../policy-document.ts";
import { mergeRules } from "./path-pattern.ts";

/** A way to log in: who may use it, on what conditions, and what it allows. */
export interface DeclaredLogin {
  /** Mount path of the login method, without `auth/`; empty for a policy that no login uses. */
  readonly authPath: string;
  /** What its grants are attached to there: `role webapp`, `group developers`, `user ada`. */
  readonly role: string;
  /** Who may log in, such as `serviceaccount shop/app`. */
  readonly subjects: readonly string[];
  /** What else a login must match, by name; one of the values of each. */
  readonly bounds: Readonly<Record<string, readonly string[]>>;
  /** Upper limits by name; durations in seconds. Without an entry there is no limit. */
  readonly limits: Readonly<Record<string, number>>;
  /** Names of the policies of its tokens. Vault's own policy `default` is added to every token and is left out here. */
  readonly policies: readonly string[];
}

/** What Vault issues to whoever may read a path: a database login, a certificate. */
export interface DeclaredCredential {
  /** API path at which it is requested. */
  readonly path: string;
  /** Upper limits by name; durations in seconds. */
  readonly limits: Readonly<Record<string, number>>;
  /** What it may be used for, in the words of its role. */
  readonly terms: readonly string[];
}

/** Who may do what in Vault, as a program declares it. */
export interface AccessMatrix {
  readonly logins: readonly DeclaredLogin[];
  /** Rules by the name of their policy. */
  readonly policies: Readonly<Record<string, readonly PolicyRule[]>>;
  readonly credentials: readonly DeclaredCredential[];
}

/** One line of the matrix: that somebody may do something with a path. Flat, and without secrets. */
export interface AccessRow {
  readonly subject: string;
  /** `auth/<mount> <role>`. */
  readonly login: string;
  /** Policy that allows it. */
  readonly policy: string;
  readonly path: string;
  readonly capabilities: readonly Capability[];
  /** Lifetime of a token in seconds when nobody renews it; 0 for the limit of the mount. */
  readonly tokenTtl: number;
  /** Its maximum lifetime in seconds; 0 for one that can be renewed forever. */
  readonly tokenMaxTtl: number;
  /** Maximum lifetime in seconds of what is issued at the path; 0 for a path that issues nothing. */
  readonly credentialMaxTtl: number;
  /** Maximum lifetime in seconds of the token an answer must be wrapped in; 0 if it need not be wrapped. */
  readonly wrappingMaxTtl: number;
}

/** Subject of the rules of a policy that no login of the program uses; somebody else may use it. */
const unattached = "(no login of this stack)";

/**
 * Name of a login in tables and changes.
 * @returns `auth/<mount> <role>`; for a policy without a login, its own name.
 */
export function loginName({ authPath, role }: Pick<DeclaredLogin, "authPath" | "role">): string {
  return authPath === "" ? role : `auth/${authPath} ${role}`;
}

/**
 * What a login may do: the rules of all its policies.
 * @param login One of the matrix's logins.
 * @returns The rules, one per path.
 */
export function rulesOfLogin({ policies }: AccessMatrix, login: DeclaredLogin): PolicyRule[] {
  return mergeRules(login.policies.flatMap((name) => policies[name] ?? []));
}

/**
 * The policies no login uses, as logins of nobody, so that they show up like all others.
 * @returns One for each policy.
 */
export function unattachedLogins({ logins, policies }: AccessMatrix): DeclaredLogin[] {
  const used = new Set(logins.flatMap((login) => login.policies));
  return Object.keys(policies)
    .filter((name) => !used.has(name))
    .map((name) => ({
      ...{ authPath: "", role: `policy ${name}`, subjects: [unattached] },
      ...{ bounds: {}, limits: {}, policies: [name] },
    }));
}

/**
 * The matrix as a table.
 * @returns A line for each subject, login, policy and path, sorted.
 */
export function accessRows(matrix: AccessMatrix): AccessRow[] {
  const issued = new Map(matrix.credentials.map(({ path, limits }) => [path, limits["maxTtl"] ?? 0]));
  const rows = [...matrix.logins, ...unattachedLogins(matrix)].flatMap((login) =>
    login.subjects.flatMap((subject) =>
      login.policies.flatMap((policy) =>
        (matrix.policies[policy] ?? []).map(({ path, capabilities, wrapping }): AccessRow => ({
          subject,
          login: loginName(login),
          policy,
          path,
          capabilities,
          tokenTtl: login.limits["ttl"] ?? 0,
          tokenMaxTtl: login.limits["maxTtl"] ?? 0,
          credentialMaxTtl: issued.get(path) ?? 0,
          wrappingMaxTtl: wrapping === undefined ? 0 : toSeconds(wrapping.max),
        })),
      ),
    ),
  );
  const key = ({ subject, login, policy, path }: AccessRow): string => [subject, login, policy, path].join("\n");
  return rows.sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

/** Purpose of the policies of the program's own logins; each is a long list of paths. */
const ownPolicies: Readonly<Record<string, string>> = {
  [adminPolicyName]: "what it needs to manage this Vault",
  [previewPolicyName]: "what they need to look at this Vault",
  [previewMountsPolicyName]: "what they need to look at the mounts of this program",
};

/**
 * A summary of the matrix for the outputs of a stack: one line per row, and a single line for everything that a policy
 * of the program's own allows.
 * @returns The lines, sorted.
 */
export function accessLines(matrix: AccessMatrix): string[] {
  const lines = accessRows(matrix).map((row) => {
    const { subject, login, policy, path, capabilities, tokenTtl, tokenMaxTtl, wrappingMaxTtl } = row;
    const wrapped = wrappingMaxTtl === 0 ? "" : ` wrapped for at most ${shown("ttl", wrappingMaxTtl)}`;
    const what = ownPolicies[policy] ?? `${capabilities.join(", ")} ${path}${wrapped}`;
    const life = tokenTtl === 0 ? "" : `, ${lifeOf(tokenTtl, tokenMaxTtl)}`;
    return `${subject}: ${what} (${login}, policy ${policy}${life})`;
  });
  return [...new Set(lines)];
}

/**
 * The lifetime of a token, human-readable.
 * @param ttl Seconds without a renewal.
 * @param maxTtl Seconds at most; 0 for one that can be renewed forever.
 * @returns Both with their units.
 */
export function lifeOf(ttl: number, maxTtl: number): string {
  return `${shown("ttl", ttl)}${maxTtl === 0 ? ", renewed for ever" : ` to ${shown("ttl", maxTtl)}`}`;
}

/**
 * A duration or a number of uses, human-readable.
 * @param value Its value; durations in seconds.
 */
export function shown(limit: string, value: number): string {
  if (value === Infinity) return "no limit";
  if (!/ttl$/i.test(limit)) return String(value);
  for (const [unit, seconds] of [
    ["h", 3_600],
    ["m", 60],
  ] as const) {
    if (value % seconds === 0 && value > 0) return `${value / seconds}${unit}`;
  }
  return `${value}s`;
}

/** Every fault of a matrix that cannot be right: a login with a policy that nobody wrote. */
export function matrixFaults({ logins, policies }: AccessMatrix): string[] {
  return logins.flatMap((login) =>
    login.policies
      .filter((name) => !(name in policies))
      .map((name) => fault(`${loginName(login)} policies`, "must be written by the stack", name, "declare the policy")),
  );
}
