import * as pulumi from "@pulumi/pulumi";
import type { PostgresDatabase } from "../../postgres/postgres-database.ts";

/** The way of the admin login into a database, for what works inside it. */
export function adminWay({ server, databaseName }: PostgresDatabase) {
  return {
    postgres: server.target,
    adminUsername: server.adminUsername,
    adminPassword: pulumi.secret(server.adminPassword),
    database: databaseName,
  };
}

/** What of it is encrypted in the state. */
export const adminWaySecrets = ["adminPassword"];
