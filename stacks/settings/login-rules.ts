/** What settings about logins have in common. Each message reads `<what must hold>; <what to do>`. */
import { z } from "zod";
import { lifetimeFaults, type TokenLifetime } from "../../components/access/logins/token-lifetime.ts";
import { kvSecretNameFaults } from "../../components/engines/kv/kv.ts";
import { cidrFaults } from "../../shared/cidr.ts";
import { isLabel, isSubdomain } from "../../shared/kubernetes-name.ts";
import { duration } from "./setting-rules.ts";

/** A name of this project's own, or of a namespace: a label of Kubernetes. */
export function labelName(what: string): z.ZodString {
  const error = `must be the name of a ${what}; use at most 63 lower-case letters, digits and inner dashes`;
  return z.string({ error }).refine(isLabel, { error });
}

/** A service account that others make. */
export function serviceAccountName(): z.ZodString {
  const error = "must be the name of a service account; leave out its namespace";
  return z.string({ error }).refine(isSubdomain, { error });
}

/** Secrets of the stack's store by name; none unless given. */
export function secretNames() {
  const error = "must be names of secrets below the mount; use letters, digits, dots, dashes and inner slashes";
  return z
    .array(
      z.string({ error }).refine((name) => kvSecretNameFaults("", name).length === 0, { error }),
      { error },
    )
    .default([]);
}

/** Role of the database whose logins may be asked for; none unless given. */
export function databaseRoleName() {
  return z
    .enum(["none", "dev-postgres", "myapp-db-role"], { error: "must be a role of the database, or none" })
    .default("none");
}

/** Networks that requests must come from; any unless given. */
export function networks() {
  const network = z.string({ error: "must be a network; write it as 10.1.0.0/16" });
  return z.array(network, { error: "must be a list of networks; write each as 10.1.0.0/16" }).default([]);
}

/** The token of a login: how long it lives, and from where it may be used. */
export function tokenSetting() {
  return z
    .strictObject({ ttl: duration().default("10m"), maxTtl: duration().default("1h"), boundCidrs: networks() })
    .prefault({});
}

/** The token of a login in the form the components take. */
export interface TokenTerms {
  readonly lifetime: TokenLifetime;
  readonly tokenBoundCidrs: readonly string[];
}

/**
 * Converts the setting of a token to the form the components take.
 * @param setting The setting, parsed.
 */
export function tokenTerms({ ttl, maxTtl, boundCidrs }: z.infer<ReturnType<typeof tokenSetting>>): TokenTerms {
  return { lifetime: { kind: "ttl", ttl, maxTtl }, tokenBoundCidrs: boundCidrs };
}

/** Every fault of the token of a login that the schema does not know. */
export function tokenFaults(at: string, { lifetime, tokenBoundCidrs }: TokenTerms): string[] {
  return [...lifetimeFaults(at, lifetime), ...cidrFaults(`${at}.boundCidrs`, tokenBoundCidrs)];
}
