import * as login from "../../protocol/database/database-login-resource.ts";
import type { DatabaseLoginInputs, DatabaseLoginOutputs } from "../../protocol/database/database-login-resource.ts";
import { makeEscrow } from "../support/escrow-key.ts";
import { FakeConnection } from "../support/fake-connection.ts";
import { PostgresRelay } from "../support/postgres-relay.ts";
import type { RequestScenario } from "../support/request-walk.ts";
import { ownLogin, servedVault } from "../support/served-vault.ts";
import { walkedPostgres } from "./postgres-scenarios.ts";

/**
 * Vault's own login gets a password that only Vault knows: from a password that Vault knows, and from one that it does
 * not.
 */
export async function databaseLogins(): Promise<RequestScenario[]> {
  const escrow = await makeEscrow();
  const { server, admin } = await walkedPostgres();
  let made = 0;
  const scenario = (name: string, knows: boolean): RequestScenario => ({
    name,
    open: async () => {
      const username = `vault-${++made}`;
      await admin.query(`CREATE ROLE "${username}" LOGIN CREATEROLE PASSWORD 'password-of-a-former-life'`);
      const world = await servedVault(escrow);
      const connection = new FakeConnection(server, username, knows ? "password-of-a-former-life" : "password-of-none");
      world.vault.engine = (request) => connection.answer(request);
      const relay = await PostgresRelay.start(server.port);
      const inputs: DatabaseLoginInputs = {
        target: world.target,
        credential: { kind: "app-role", ...ownLogin },
        mount: "demo-db",
        connection: "postgres",
        postgres: { kind: "address", host: "127.0.0.1", port: relay.port, tls: null },
        adminUsername: "postgres",
        adminPassword: server.password,
        username,
        protocolVersion: 1,
      };
      const fits = async (): Promise<string[]> => {
        const refusal = await connection.refusal();
        return refusal === null ? [] : [`Vault is locked out: ${refusal}`];
      };
      let isReset = false;
      return {
        world,
        relay,
        saw: ({ server: to, path }) => {
          isReset ||= to === "postgres" && path.startsWith("ALTER ROLE");
        },
        run: async (context, state) => {
          const secret = { credential: inputs.credential, adminPassword: inputs.adminPassword };
          const { outs } =
            state === null
              ? await login.createIn(context, inputs)
              : await login.updateIn(context, { ...(state as DatabaseLoginOutputs), ...secret }, inputs);
          return { ...outs, credential: null, adminPassword: null };
        },
        ...(knows && { harmBetween: fits }),
        harm: async ({ fault }) => {
          const isThrottled = knows && fault.kind === "answer" && fault.status === 429;
          return [...(await fits()), ...(isThrottled && isReset ? ["a password that works was taken away"] : [])];
        },
        secrets: () => [...world.vault.secrets, ...connection.passwords, server.password],
      };
    },
  });
  return [
    scenario("a login whose password Vault knows is rotated", true),
    scenario("a login whose password Vault does not know gets one", false),
  ];
}
