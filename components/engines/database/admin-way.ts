import * as pulumi from "@pulumi/pulumi";
import type { PostgresDatabase } from "../../postgres/postgres-database.ts";

/** How the admin login reaches a database, for work inside it. */
export function adminWay({ server, databaseName }: PostgresDatabase) {
  return {
    postgres: server.target,
    adminUsername: server.adminUsername,
    adminPassword: pulumi.secret(server.adminPassword),
    database: databaseName,
  };
}

/** The parts of it that are encrypted in the state. */
export const adminWaySecrets = ["adminPassword"];
