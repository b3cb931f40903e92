import type { Client } from "pg";
import { makersOf } from "../../protocol/database/logins/maker-functions.ts";
import * as makers from "../../protocol/database/logins/login-makers-resource.ts";
import type { LoginMakersInputs } from "../../protocol/database/logins/login-makers-resource.ts";
import type { RequestScenario, WalkedWorld } from "../support/request-walk.ts";
import { makeRoleMaker, postgresWorld, roleMaker, runOf, walkedPostgres, wayIn } from "./postgres-scenarios.ts";

type Act = (inputs: LoginMakersInputs) => WalkedWorld["run"];

/**
 * Who makes logins is made, made again after somebody dropped one of them, and goes, by an admin login that is no
 * superuser.
 */
export async function loginMakers(): Promise<RequestScenario[]> {
  const postgres = await walkedPostgres();
  const { admin, server } = postgres;
  await makeRoleMaker(postgres);
  let made = 0;
  const scenario = (name: string, isThere: boolean, end: "whole" | "gone", act: Act): RequestScenario => ({
    name,
    open: async () => {
      const own = `walk${++made}`;
      const { world, relay } = await postgresWorld(postgres, own);
      const names = { owner: `${own}owner`, login: `${own}vault` };
      const inputs = { ...wayIn(postgres, relay, roleMaker, "postgres"), ...names, protocolVersion: 1 };
      await admin.query(
        `SET ROLE ${roleMaker}; CREATE ROLE ${names.owner}; CREATE ROLE ${names.login} LOGIN; RESET ROLE; GRANT CREATE ON DATABASE postgres TO ${names.owner}`,
      );
      if (isThere) {
        await makers.create({ ...inputs, ...wayIn(postgres, server, roleMaker, "postgres") });
        await admin.query(`DROP FUNCTION "${makersOf(names.login).schema}".lend`);
      }
      return {
        world,
        relay,
        run: act(inputs),
        harmBetween: () => openTo(admin, names.login),
        harm: async () => {
          const found = await countsOf(admin, names.login);
          return [
            ...(await openTo(admin, names.login)),
            ...(found === (end === "whole" ? "129 roles, 132 functions" : "0 roles, 0 functions") ? [] : [found]),
          ];
        },
        secrets: () => [server.password],
      };
    },
  });
  const taken: Act = (inputs) => async (_, state) => {
    if (state === null) await makers.delete_("id", inputs);
    return { gone: true };
  };
  return [
    scenario("who makes logins is made", false, "whole", (inputs) => runOf(makers, inputs, null)),
    scenario("a function that somebody dropped is made again", true, "whole", (inputs) =>
      runOf(makers, inputs, inputs),
    ),
    scenario("who made logins goes", true, "gone", taken),
  ];
}

async function countsOf(admin: Client, login: string): Promise<string> {
  const { hub, makers: names, schema } = makersOf(login);
  const { rows } = await admin.query<{ roles: string; functions: string }>(
    `SELECT (SELECT count(*) FROM pg_roles WHERE rolname = ANY($1::text[])) AS "roles",
            (SELECT count(*) FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = $2) AS "functions"`,
    [[hub, ...names], schema],
  );
  return `${rows[0]?.roles} roles, ${rows[0]?.functions} functions`;
}

/**
 * Functions of theirs that anybody may call, and roles of theirs that log in: there is never one, not even for a
 * moment.
 */
async function openTo(admin: Client, login: string): Promise<string[]> {
  const { hub, makers: names, schema } = makersOf(login);
  const { rows } = await admin.query<{ what: string }>(
    `SELECT p.proname::text AS "what" FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
      WHERE n.nspname = $2 AND has_function_privilege('public', p.oid, 'EXECUTE')
     UNION ALL SELECT rolname::text FROM pg_roles WHERE rolname = ANY($1::text[]) AND (rolcanlogin OR rolsuper)`,
    [[hub, ...names], schema],
  );
  return rows.map(({ what }) => `${what} is open`);
}
