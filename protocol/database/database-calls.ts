import { z } from "zod";
import type { Session } from "../vault-client/session.ts";
import { VaultRefusal } from "../vault-client/vault-error.ts";

const credentials = z.object({ lease_id: z.string().min(1), data: z.object({ username: z.string() }) });
const connectionDetails = z.object({ data: z.object({ connection_details: z.record(z.string(), z.unknown()) }) });
const keys = z.object({ data: z.object({ keys: z.array(z.string()) }) });

/** Where a connection keeps the generation of its login: Vault also stores fields that it does not know. */
const generationKey = "vaultstack_login";

/** The calls of a database engine that no resource of the official provider makes. */
export interface DatabaseCalls {
  /** The generation stored in a connection; empty when it holds none, null when there is no connection. */
  generation(connection: string): Promise<string | null>;
  /** Notes a generation, with the password of the login when one is given. Does not connect. */
  writeLogin(connection: string, login: { readonly generation: string; readonly password?: string }): Promise<void>;
  /** Has Vault give its login a password that only Vault knows. */
  rotateRoot(connection: string): Promise<void>;
  /** Issues a login. */
  issue(role: string): Promise<{ readonly lease: string; readonly username: string }>;
  /** Revokes one lease, and answers when it is done. */
  revoke(lease: string): Promise<void>;
  /** Leases of a role that are still open. */
  leases(role: string): Promise<string[]>;
  /** Revokes all leases of a role, and answers when it is done. */
  revokeAll(role: string): Promise<void>;
  /** Forgets all leases of a role, whatever the database says. */
  forgetAll(role: string): Promise<void>;
}

/** The calls for the engine of one mount. */
export function databaseCalls({ send, ask }: Session, mount: string): DatabaseCalls {
  const leasesOf = (role: string): string => `${mount}/creds/${role}`;
  return {
    generation: async (connection) => {
      const answer = await absent(() =>
        ask(connectionDetails, { method: "GET", path: `${mount}/config/${connection}` }),
      );
      if (answer === null) return null;
      const found = answer.data.connection_details[generationKey];
      return typeof found === "string" ? found : "";
    },
    writeLogin: (connection, { generation, password }) =>
      send({
        method: "PUT",
        path: `${mount}/config/${connection}`,
        body: {
          [generationKey]: generation,
          // A rotation follows, which connects anyway.
          verify_connection: false,
          ...(password !== undefined && { password }),
        },
      }),
    rotateRoot: (connection) => send({ method: "PUT", path: `${mount}/rotate-root/${connection}` }),
    issue: async (role) => {
      const { lease_id: lease, data } = await ask(credentials, { method: "GET", path: leasesOf(role) });
      return { lease, username: data.username };
    },
    revoke: (lease) => send({ method: "PUT", path: "sys/leases/revoke", body: { lease_id: lease, sync: true } }),
    leases: async (role) => {
      const path = `sys/leases/lookup/${leasesOf(role)}?list=true`;
      return (await absent(() => ask(keys, { method: "GET", path })))?.data.keys ?? [];
    },
    revokeAll: (role) =>
      send({ method: "PUT", path: `sys/leases/revoke-prefix/${leasesOf(role)}`, body: { sync: true } }),
    forgetAll: (role) => send({ method: "PUT", path: `sys/leases/revoke-force/${leasesOf(role)}` }),
  };
}

/** Null for what Vault does not have. */
async function absent<T>(look: () => Promise<T>): Promise<T | null> {
  try {
    return await look();
  } catch (error) {
    if (error instanceof VaultRefusal && error.status === 404) return null;
    throw error;
  }
}
