import type * as pulumi from "@pulumi/pulumi";
import { leavesItself } from "../engines/mount-path.ts";
import { isClaimed } from "../shared/reserved-names.ts";
import { fault } from "../../shared/errors.ts";
import type { Duration } from "../../shared/units.ts";
import type { DeliveredSecret } from "./consumer-rules.ts";
import { dynamicSecretFaults } from "./custom-resources/dynamic-secret.ts";
import { tokenEndFaults } from "./lifetime-rules.ts";
import { pkiSecretFaults } from "./custom-resources/pki-secret.ts";
import { staticSecretFaults } from "./custom-resources/static-secret.ts";

/** Secrets by the name of their custom resource. */
type Secrets = Readonly<Record<string, DeliveredSecret>>;

/**
 * Every fault of a delivery: of each secret, and of what several secrets share.
 * @param secrets The secrets by the name of their custom resource.
 * @param tokenEnd When the workload's token ends however often it is renewed; null for never.
 */
export function secretDeliveryFaults(secrets: Secrets, tokenEnd: Duration | null): string[] {
  const entries = Object.entries(secrets);
  if (entries.length === 0) {
    return [fault("secrets", "must hold at least one", {}, "a login without a secret delivers nothing")];
  }
  return [
    ...entries.flatMap(([name, secret]) => secretFaults(secret).map((text) => `secrets.${name}.${text}`)),
    ...entries.flatMap(([name, secret]) =>
      secret.kind === "dynamic"
        ? tokenEndFaults("lifetime.maxTtl", tokenEnd, `secrets.${name}.source`, secret.source.lifetime)
        : [],
    ),
    ...sharedDestinationFaults(entries),
  ];
}

function secretFaults(secret: DeliveredSecret): string[] {
  switch (secret.kind) {
    case "static":
      return staticSecretFaults(secret);
    case "dynamic":
      return [...dynamicSecretFaults(secret), ...pathFaults("source.credentialsPath", secret.source.credentialsPath)];
    case "certificate":
      return pkiSecretFaults(secret);
  }
}

function pathFaults(at: string, path: pulumi.Input<string>): string[] {
  if (typeof path !== "string" || !leavesItself(path)) return [];
  return [fault(at, "must be a path below the mount", path, "write it as creds/<role>")];
}

function sharedDestinationFaults(entries: readonly (readonly [string, DeliveredSecret])[]): string[] {
  const owners = new Map<unknown, string>();
  return entries.flatMap(([name, { destination }]) => {
    const at = `secrets.${name}.destination`;
    const key = destination.kind === "existing" ? destination.secret : destination.name;
    const owner = owners.get(key);
    owners.set(key, owner ?? name);
    if (owner === undefined) return [];
    const shown = destination.kind === "existing" ? "the same Secret" : destination.name;
    return [
      fault(at, `must not be that of secrets.${owner}: each would overwrite the other`, shown, "choose another Secret"),
    ];
  });
}

/**
 * Every fault of a mount that is given as plain text and that nothing in the program creates.
 * @param component The delivery, for Vault.
 * @param secrets The secrets by the name of their custom resource.
 */
export function undeclaredMountFaults(component: pulumi.Resource, secrets: Secrets): string[] {
  return Object.entries(secrets).flatMap(([name, { source }]) => {
    const { mount } = source;
    if (typeof mount !== "string" || isClaimed(component, "secrets mount", mount)) return [];
    const remedy = "take the source from its engine, or the mount from the outputs of the stack that makes it";
    return [fault(`secrets.${name}.source.mount`, "must be a mount that this program declares", mount, remedy)];
  });
}
