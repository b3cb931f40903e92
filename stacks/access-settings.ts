/** What settings about logins have in common. Each message reads `<what must hold>; <what to do>`. */
import { z } from "zod";
import { kvSecretNameFaults } from "../components/engines/kv.ts";

/** A name as Kubernetes takes it. */
export function kubernetesName(what: string): z.ZodString {
  const error = `must be the name of a ${what}; use its own name`;
  return z.string({ error }).regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, { error });
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

/** Networks that somebody must come from; any unless given. */
export function networks() {
  const network = z.string({ error: "must be a network; write it as 10.1.0.0/16" });
  return z.array(network, { error: "must be a list of networks; write each as 10.1.0.0/16" }).default([]);
}
