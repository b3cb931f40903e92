import { appRoleType } from "../../components/access/logins/app-role-kind.ts";
import { jwtTypes } from "../../components/access/logins/jwt-kind.ts";
import { kubernetesRoleType } from "../../components/access/logins/kubernetes-kind.ts";
import { ldapTypes } from "../../components/access/logins/ldap-kind.ts";
import { accessTypes } from "../../components/access/matrix/access-types.ts";
import { needsReason, parsePolicy } from "../../components/access/policy-document.ts";
import { databaseTypes } from "../../components/engines/database/database-kind.ts";
import { fault } from "../../shared/errors.ts";
import { toSeconds, type Duration } from "../../shared/units.ts";
import { list, part, type ResourceRule } from "./rule.ts";

/** No rule crosses Vault's own restrictions unless it says why. */
export const narrowPolicies: ResourceRule = {
  kind: "resource",
  name: "narrow-policies",
  description: "No rule of a policy has sudo, deny or a wildcard without saying why.",
  judge: ({ type, inputs }) => {
    if (type !== accessTypes.policy) return [];
    const text = part(inputs, "policy");
    if (typeof text !== "string") return [];
    const rules = parsePolicy(text);
    if (rules === null) {
      return [fault("policy", "must be rendered from rules", text, "declare it by the component Policy")];
    }
    return rules
      .filter(({ because }) => because === undefined)
      .flatMap((rule) =>
        needsReason(rule).map((what) =>
          fault(`policy.${rule.path}`, `must not have ${what} without a reason`, rule.capabilities, "say why: because"),
        ),
      );
  },
};

/**
 * Paths of secret ids. A rule that allows everything in a login method by a wildcard is not meant: it makes an
 * administrator, which needs a reason of its own.
 */
const secretIdPath = /^auth\/.+\/role\/.+\/(custom-)?secret-id$/;

/** A secret id is as good as a login, so whoever fetches one must not see it: only its agent unwraps it, once. */
export const wrappedSecretIds: ResourceRule = {
  kind: "resource",
  name: "wrapped-secret-ids",
  description: "Who may ask for the secret id of an AppRole gets it wrapped, for five minutes at most.",
  judge: ({ type, inputs }) => {
    const text = type === accessTypes.policy ? part(inputs, "policy") : undefined;
    const rules = typeof text === "string" ? (parsePolicy(text) ?? []) : [];
    return rules
      .filter(({ path, capabilities }) => secretIdPath.test(path) && !capabilities.includes("deny"))
      .flatMap(({ path, wrapping }) => {
        const longest = wrapping === undefined ? undefined : toSeconds(wrapping.max);
        if (longest !== undefined && longest <= toSeconds("5m")) return [];
        const got = wrapping?.max;
        return [fault(`policy.${path}.wrapping`, "must be at most 5m", got, "use the issuerRules of the AppRole")];
      });
  },
};

/**
 * The longest lifetime that anything issued may have, by type and field. A token without a limit of its own lives at
 * most 32 days.
 */
const ceilings: Readonly<Record<string, Readonly<Record<string, Duration>>>> = {
  [kubernetesRoleType]: { tokenTtl: "24h", tokenPeriod: "24h", tokenMaxTtl: "32d" },
  [ldapTypes.method]: { tokenTtl: "24h", tokenPeriod: "24h", tokenMaxTtl: "32d" },
  [jwtTypes.role]: { tokenTtl: "24h", tokenPeriod: "24h", tokenMaxTtl: "32d" },
  [appRoleType]: { tokenTtl: "24h", tokenPeriod: "24h", tokenMaxTtl: "32d", secretIdTtl: "24h" },
  [databaseTypes.role]: { defaultTtl: "24h", maxTtl: "24h" },
  [accessTypes.adminAccess]: { tokenTtl: "4h" },
};

/** Which of these must be set, because otherwise Vault's own limit of 32 days applies, or none. */
const demanded: Readonly<Record<string, readonly (readonly string[])[]>> = {
  [kubernetesRoleType]: [["tokenTtl", "tokenPeriod"]],
  [ldapTypes.method]: [["tokenTtl", "tokenPeriod"]],
  [jwtTypes.role]: [["tokenTtl", "tokenPeriod"]],
  [appRoleType]: [["tokenTtl", "tokenPeriod"], ["secretIdTtl"]],
  [databaseTypes.role]: [["defaultTtl"], ["maxTtl"]],
};

/** Whatever is issued ends soon enough that a stolen one is of little use. */
export const shortLives: ResourceRule = {
  kind: "resource",
  name: "short-lives",
  description: "Tokens, wrapped secrets and logins of databases end by themselves, below a ceiling for each kind.",
  judge: ({ type, inputs }) => {
    const limit = (name: string): number => Number(part(inputs, name) ?? 0);
    const missing = (demanded[type] ?? [])
      .filter((names) => names.every((name) => limit(name) === 0))
      .map((names) => fault(names.join(" or "), "must be set", undefined, "give it an end"));
    const long = Object.entries(ceilings[type] ?? {})
      .filter(([name, ceiling]) => limit(name) > toSeconds(ceiling))
      .map(([name, ceiling]) => fault(name, `must be at most ${ceiling}`, `${limit(name)}s`, "lower it"));
    return [...missing, ...long];
  },
};

/** A role for workloads lets in only those it names, with tokens issued for Vault. */
export const boundServiceAccounts: ResourceRule = {
  kind: "resource",
  name: "bound-service-accounts",
  description: "A role for workloads names accounts and namespaces without wildcards, and an audience.",
  judge: ({ type, inputs }) => {
    if (type !== kubernetesRoleType) return [];
    const faults: string[] = [];
    const names = list(inputs, "boundServiceAccountNames");
    const namespaces = list(inputs, "boundServiceAccountNamespaces");
    for (const [field, values] of Object.entries({
      boundServiceAccountNames: names,
      boundServiceAccountNamespaces: namespaces,
    })) {
      if (values.length === 0 || values.some((value) => typeof value === "string" && value.includes("*"))) {
        faults.push(fault(field, "must name each, without wildcards", values, "list them"));
      }
    }
    if (names.length > 1 && namespaces.length > 1) {
      const remedy = "make a role for each namespace";
      // Vault lets in every name in every namespace.
      faults.push(fault("boundServiceAccountNames", "must be of one namespace when there are several", names, remedy));
    }
    const audience = part(inputs, "audience");
    if (audience === undefined || audience === "") {
      faults.push(fault("audience", "must be set", audience, "a token for any other service would do"));
    }
    return faults;
  },
};

/**
 * A role for tokens from an issuer lets in only those it names: with the audience alone, it would let in everybody who
 * has a token.
 */
export const boundTokens: ResourceRule = {
  kind: "resource",
  name: "bound-tokens",
  description: "A role for tokens of an issuer binds an audience, and a subject or claims.",
  judge: ({ type, inputs }) => {
    if (type !== jwtTypes.role) return [];
    const audiences = list(inputs, "boundAudiences");
    const subject = part(inputs, "boundSubject") ?? "";
    const claims = Object.keys(part(inputs, "boundClaims") ?? {});
    return [
      ...(audiences.length === 0 ? [fault("boundAudiences", "must name at least one", audiences, "list them")] : []),
      ...(subject === "" && claims.length === 0
        ? [fault("boundSubject or boundClaims", "must be set", undefined, "say whose tokens log in")]
        : []),
    ];
  },
};
