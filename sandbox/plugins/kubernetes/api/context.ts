import { readFileSync } from "node:fs";
import { PluginError } from "../../shared/errors.ts";
import type { JsonObject } from "../../shared/property.ts";
import { at, textAt } from "../object/fields.ts";
import type { Connection } from "./connection.ts";
import type { Kubeconfig } from "./kubeconfig.ts";

/** Which parts of a kubeconfig to use. */
export interface ContextChoice {
  /** @default - the kubeconfig's current context */
  readonly context?: string;
  /** @default - the context's cluster */
  readonly cluster?: string;
  /** @default - the context's namespace, else `default` */
  readonly namespace?: string;
}

/** The cluster entry in force, or undefined when the kubeconfig does not have it. */
export function activeCluster(config: Kubeconfig, choice: ContextChoice): JsonObject | undefined {
  const context = config.contexts[choice.context ?? config.currentContext];
  return config.clusters[choice.cluster ?? textAt(context, "cluster")];
}

/**
 * The connection a kubeconfig describes.
 * @throws PluginError when an entry is missing, or asks for a way to log in that is not covered
 */
export function connectionOf(config: Kubeconfig, choice: ContextChoice): Connection {
  const contextName = choice.context ?? config.currentContext;
  const context = config.contexts[contextName];
  if (context === undefined) {
    const names = Object.keys(config.contexts).join(", ");
    throw new PluginError(
      `context: must be one of the kubeconfig (${names}), got "${contextName}"; set it on the provider`,
    );
  }
  const cluster = activeCluster(config, choice);
  if (cluster === undefined) {
    throw new PluginError(
      `cluster: must be one of the kubeconfig, got "${choice.cluster ?? textAt(context, "cluster")}"; correct the context`,
    );
  }
  const user = config.users[textAt(context, "user")] ?? {};
  assertCovered(cluster, coveredClusterFields, "cluster");
  assertCovered(user, coveredUserFields, "user");
  return {
    ...serverOf(cluster),
    ...credentialsOf(user),
    namespace: choice.namespace ?? (textAt(context, "namespace") || "default"),
  };
}

const coveredClusterFields: ReadonlySet<string> = new Set([
  "server",
  "certificate-authority",
  "certificate-authority-data",
  "insecure-skip-tls-verify",
  "tls-server-name",
  "extensions",
]);

const coveredUserFields: ReadonlySet<string> = new Set([
  "client-certificate",
  "client-certificate-data",
  "client-key",
  "client-key-data",
  "token",
  "tokenFile",
  "extensions",
]);

function assertCovered(entry: JsonObject, covered: ReadonlySet<string>, what: string): void {
  const foreign = Object.keys(entry).filter((key) => !covered.has(key));
  if (foreign.length === 0) return;
  throw new PluginError(
    `kubeconfig: must use what the stand-in plugin covers, got ${foreign.join(", ")} in its ${what}; use client certificates or a token, or the official plugin`,
  );
}

function serverOf(cluster: JsonObject): Omit<Connection, "namespace"> {
  const authority = pemOf(cluster, "certificate-authority");
  const serverName = textAt(cluster, "tls-server-name");
  return {
    server: textAt(cluster, "server").replace(/\/+$/, ""),
    insecure: at(cluster, "insecure-skip-tls-verify") === true,
    ...(authority === undefined ? {} : { certificateAuthority: authority }),
    ...(serverName === "" ? {} : { serverName }),
  };
}

function credentialsOf(user: JsonObject): Pick<Connection, "clientCertificate" | "clientKey" | "token"> {
  const certificate = pemOf(user, "client-certificate");
  const key = pemOf(user, "client-key");
  const token = textAt(user, "token");
  const tokenFile = textAt(user, "tokenFile");
  return {
    ...(certificate === undefined ? {} : { clientCertificate: certificate }),
    ...(key === undefined ? {} : { clientKey: key }),
    ...(tokenFile === "" ? {} : { token: () => readFileSync(tokenFile, "utf8").trim() }),
    ...(token === "" ? {} : { token: () => token }),
  };
}

function pemOf(entry: JsonObject, field: string): string | undefined {
  const data = textAt(entry, `${field}-data`);
  if (data !== "") return Buffer.from(data, "base64").toString("utf8");
  const path = textAt(entry, field);
  if (path === "") return undefined;
  try {
    return readFileSync(path, "utf8");
  } catch {
    throw new PluginError(`kubeconfig: must name readable files, got ${field} at ${path}; correct the path`);
  }
}
