import type * as pulumi from "@pulumi/pulumi";
import type * as vault from "@pulumi/vault";
import type { PostgresDatabase } from "../../postgres/postgres-database.ts";
import { postgresNameFaults } from "../../postgres/postgres-name.ts";
import { fault } from "../../../shared/errors.ts";
import { urlHost } from "../../../shared/host.ts";

/** The database an engine issues logins for. */
export type DatabaseConnection =
  | {
      readonly kind: "postgres";
      /** The database. Vault gets a login of its own in its server, with a password that only Vault knows. */
      readonly database: PostgresDatabase;
      /** Name of Vault's own login; one for each engine. */
      readonly login: string;
    }
  | {
      /** Not created or checked by this project: the login and its permissions are up to the caller. */
      readonly kind: "mysql";
      readonly host: pulumi.Input<string>;
      readonly port: number;
      /** A login that may create users and grant. */
      readonly username: string;
      /** Its password; secret, and in the state, since it is not rotated. */
      readonly password: pulumi.Output<string>;
      /** PEM bundle that the server is verified with; null for a server without TLS. */
      readonly caCertificate: pulumi.Input<string> | null;
    };

/** How long Vault tries to reach a server; its own request has a time limit, too. */
const connectSeconds = 5;

type ConnectionDetails = Pick<vault.database.SecretBackendConnectionArgs, "postgresql" | "mysql" | "verifyConnection">;

/**
 * Renders the part of a connection that depends on the kind of database.
 * @param pulumiInterpolate Joins texts that may not be known yet.
 * @returns Properties of the connection.
 */
export function connectionDetails(
  connection: DatabaseConnection,
  pulumiInterpolate: typeof pulumi.interpolate,
): ConnectionDetails {
  const inUrl = (host: pulumi.Input<string>) => pulumiInterpolate`${host}`.apply(urlHost);
  if (connection.kind === "mysql") {
    const { host, port, username, password, caCertificate } = connection;
    const tls = caCertificate === null ? "false" : "true";
    return {
      mysql: {
        connectionUrl: pulumiInterpolate`{{username}}:{{password}}@tcp(${inUrl(host)}:${port})/?timeout=${connectSeconds}s&tls=${tls}`,
        username,
        password,
        ...(caCertificate !== null && { tlsCa: caCertificate }),
      },
      verifyConnection: true,
    };
  }
  const { database, login } = connection;
  const { server, databaseName } = database;
  const mode = server.caCertificate === null ? "disable" : "verify-full";
  return {
    postgresql: {
      // Logins may create functions and operators: no statement, Vault's own ones included, may resolve to theirs.
      connectionUrl: pulumiInterpolate`postgresql://{{username}}:{{password}}@${inUrl(server.host)}:${server.port}/${databaseName}?sslmode=${mode}&connect_timeout=${connectSeconds}&search_path=pg_catalog`,
      username: login,
      // Vault sends hashes, so a statement in the server's log reveals no password.
      passwordAuthentication: "scram-sha-256",
      ...(server.caCertificate !== null && { tlsCa: server.caCertificate }),
    },
    // There is no password yet: DatabaseLogin sets it, and proves that it works.
    verifyConnection: false,
  };
}

/** Every fault of a connection. */
export function connectionFaults(connection: DatabaseConnection): string[] {
  if (connection.kind === "postgres") return postgresNameFaults("connection.login", connection.login);
  const { port, username } = connection;
  const faults: string[] = [];
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    faults.push(fault("connection.port", "must be a port from 1 to 65535", port, "MySQL's own is 3306"));
  }
  if (!/^[^\s'"@:]{1,32}$/.test(username)) {
    faults.push(fault("connection.username", "must be at most 32 characters without quotes", username, "rename it"));
  }
  return faults;
}
