import type { Client } from "pg";
import type { PostgresGrant } from "../../protocol/database/logins/postgres-grant.ts";
import { makersOf } from "../../protocol/database/logins/maker-functions.ts";
import * as group from "../../protocol/database/logins/login-group-resource.ts";
import * as makers from "../../protocol/database/logins/login-makers-resource.ts";
import type { LoginGroupInputs } from "../../protocol/database/logins/login-group-resource.ts";
import type { RequestScenario, WalkedWorld } from "../support/request-walk.ts";
import {
  makeRoleMaker,
  postgresWorld,
  roleMaker,
  runOf,
  walkedPostgres,
  type WalkedPostgres,
  wayIn,
} from "./postgres-scenarios.ts";

/** All that the catalog says before and after. */
interface Catalog {
  readonly before: readonly string[];
  /** What there may be between the two. */
  readonly meanwhile?: readonly string[];
  readonly after: readonly string[];
}

type Act = (inputs: LoginGroupInputs) => WalkedWorld["run"];

/**
 * A group of logins is made, gets other grants while an ended login is still there, and goes, by an admin login that is
 * no superuser and so becomes a member of others meanwhile: which may be seen by nobody, and is over with the run.
 */
export async function loginGroups(): Promise<RequestScenario[]> {
  const postgres = await walkedPostgres();
  const { admin, server } = postgres;
  await makeRoleMaker(postgres);
  const logins = new RestingLogins(postgres);
  let made = 0;
  const scenario = (name: string, { before, meanwhile = [], after }: Catalog, act: Act): RequestScenario => ({
    name,
    open: async () => {
      const own = `walk${++made}`;
      const { world, relay } = await postgresWorld(postgres, own);
      const login = await logins.wake();
      const names = { group: `${own}group`, owner: `${own}owner`, remains: `${own}remains`, login };
      const grants = reading(own);
      const inputs = { ...wayIn(postgres, relay, roleMaker, "postgres"), ...names, grants, protocolVersion: 1 };
      await makeParties(admin, own, names);
      if (before === wide) {
        await group.create({
          ...inputs,
          ...wayIn(postgres, server, roleMaker, "postgres"),
          grants: [...grants, ...writing(own)],
        });
        await leaveLogin(admin, own, names);
      }
      const others = (found: readonly string[], wanted: readonly string[]): string[] =>
        found.filter((line) => !wanted.includes(line));
      const close = async (): Promise<void> => {
        await world.close();
        logins.rest(login);
      };
      return {
        world: { ...world, close },
        relay,
        run: act(inputs),
        harmBetween: async () => others(await catalogOf(admin, own, login), [...before, ...meanwhile, ...after]),
        harm: async () => {
          const found = await catalogOf(admin, own, login);
          return [...others(found, after), ...others(after, found).map((line) => `lacks: ${line}`)];
        },
        secrets: () => [server.password],
      };
    },
  });
  const taken: Act = (inputs) => async (_, state) => {
    if (state === null) await group.delete_("id", inputs);
    return { gone: true };
  };
  return [
    scenario("a group is made", { before: parties, after: [...parties, ...narrow] }, (inputs) =>
      runOf(group, inputs, null),
    ),
    scenario(
      "a group that somebody gave more loses it",
      { before: wide, after: [...parties, ...narrow, ...settled, ...handedOn] },
      (inputs) => runOf(group, inputs, inputs),
    ),
    scenario("a group goes", { before: wide, meanwhile: handedOnWide, after: [...parties, ...settled] }, taken),
  ];
}

const parties = [
  ...["owner", "remains", "vault logs in", "vault.makers", "owner owns orders"],
  ...["owner", "remains", "vault", "vault.makers"].map((role) => `rds_admin in ${role},admin`),
  ...["vault in owner,inherit,set", "vault.makers in owner,inherit"],
];

/** Who is a member of what once a group was made: nobody but who may let others in. */
const members = ["rds_admin in group,admin", "vault.makers in group,admin", "vault.makers in remains,admin"];

/** What there is of a group that has what the program says. */
const narrow = ["group", ...members, "group may USAGE schema", "group may SELECT orders", "group may SELECT new r"];

/** What an ended login left behind: it is nobody's who could act. */
const settled = ["remains owns leftover", "remains may CREATE schema", "vault.makers in remains,admin"];

/** The logins of the group go on with what this one made. */
const handedOn = ["group may SELECT leftover"];

/** The same, by a group that somebody gave more: it goes by what it has. */
const handedOnWide = [...handedOn, "group may INSERT leftover"];

/** Somebody has given the group more, and an ended login is still there. */
const wide = [
  ...[...parties, ...narrow, "ended", "ended owns leftover", "vault in ended,admin"],
  ...["group may INSERT orders", "group may INSERT new r", "group may USAGE orders_id_seq", "group may USAGE new S"],
];

function reading(schema: string): PostgresGrant[] {
  return [
    { on: "schema", schema, privileges: ["usage"] },
    { on: "tables", schema, privileges: ["select"] },
  ];
}

function writing(schema: string): PostgresGrant[] {
  return [
    { on: "tables", schema, privileges: ["insert"] },
    { on: "sequences", schema, privileges: ["usage"] },
  ];
}

type Parties = Pick<LoginGroupInputs, "owner" | "remains" | "login" | "group">;

/**
 * Logins with their makers, of which there are too many to be made anew for each case; no two cases have one at a time.
 */
class RestingLogins {
  readonly #postgres: WalkedPostgres;
  readonly #resting: string[] = [];
  #made = 0;

  constructor(postgres: WalkedPostgres) {
    this.#postgres = postgres;
  }

  async wake(): Promise<string> {
    return this.#resting.pop() ?? (await this.#make());
  }

  rest(login: string): void {
    this.#resting.push(login);
  }

  async #make(): Promise<string> {
    const { admin, server } = this.#postgres;
    const login = `vault${++this.#made}`;
    const owner = `${login}owner`;
    await admin.query(`SET ROLE ${roleMaker}; CREATE ROLE ${owner}; CREATE ROLE ${login} LOGIN CREATEROLE; RESET ROLE`);
    await admin.query(`GRANT CREATE ON DATABASE postgres TO ${owner}`);
    await makers.create({ ...wayIn(this.#postgres, server, roleMaker, "postgres"), login, owner, protocolVersion: 1 });
    return login;
  }
}

async function makeParties(admin: Client, own: string, { owner, remains, login }: Parties): Promise<void> {
  await admin.query(
    `SET ROLE ${roleMaker}; CREATE ROLE ${owner}; CREATE ROLE ${remains} NOLOGIN;
     GRANT ${owner} TO ${login}; GRANT ${owner} TO "${makersOf(login).hub}" WITH INHERIT TRUE, SET FALSE; RESET ROLE;
     GRANT CREATE ON DATABASE postgres TO ${owner};
     CREATE SCHEMA ${own} AUTHORIZATION ${owner};
     SET ROLE ${owner}; CREATE TABLE ${own}.orders (id serial); RESET ROLE`,
  );
}

/** What a login leaves that had made too much to be taken away while Vault waits. */
async function leaveLogin(admin: Client, own: string, { group, login }: Parties): Promise<void> {
  await admin.query(
    `SET ROLE ${login}; CREATE ROLE "v-${own}-ended" NOLOGIN;
     COMMENT ON ROLE "v-${own}-ended" IS 'closed by ${group}: it owns more than 500 objects'; RESET ROLE;
     CREATE TABLE ${own}.leftover (); ALTER TABLE ${own}.leftover OWNER TO "v-${own}-ended"`,
  );
}

/** All that there is of a case: roles, who is a member of whom and how, what is whose, and who may do what. */
async function catalogOf(admin: Client, own: string, login: string): Promise<string[]> {
  const { rows } = await admin.query<{ line: string }>(
    `WITH mine AS (SELECT oid, rolname::text, rolcanlogin FROM pg_roles
                    WHERE rolname ~ ('^(v-)?' || $1 || '[a-z-]') OR rolname = ANY(ARRAY[$2, $2 || '.makers'])),
          here AS (SELECT oid, nspowner, nspacl FROM pg_namespace WHERE nspname = $1),
          tables AS (SELECT relname::text, relkind, relowner, relacl FROM pg_class WHERE relnamespace = (SELECT oid FROM here)),
          acls AS (SELECT 'schema' AS thing, nspowner AS owner, nspacl AS acl FROM here
                   UNION ALL SELECT relname, relowner, relacl FROM tables
                   UNION ALL SELECT 'new ' || defaclobjtype::text, defaclrole, defaclacl FROM pg_default_acl
                              WHERE defaclrole IN (SELECT oid FROM mine))
     SELECT rolname || CASE WHEN rolcanlogin THEN ' logs in' ELSE '' END AS "line" FROM mine
     UNION ALL
     SELECT pg_get_userbyid(m.member) || ' in ' || r.rolname || CASE WHEN m.admin_option THEN ',admin' ELSE '' END
            || CASE WHEN m.inherit_option THEN ',inherit' ELSE '' END || CASE WHEN m.set_option THEN ',set' ELSE '' END
       FROM pg_auth_members m JOIN mine r ON r.oid = m.roleid
      WHERE pg_get_userbyid(m.member) !~ '[.]maker-'
     UNION ALL
     SELECT pg_get_userbyid(relowner) || ' owns ' || relname FROM tables WHERE relkind = 'r'
     UNION ALL
     SELECT coalesce(r.rolname, 'anybody') || ' may ' || a.privilege_type || ' ' || thing
       FROM acls CROSS JOIN aclexplode(acl) a LEFT JOIN mine r ON r.oid = a.grantee WHERE a.grantee <> owner`,
    [own, login],
  );
  return rows.map(({ line }) => line.replaceAll(`v-${own}-`, "").replaceAll(own, "").replaceAll(login, "vault"));
}
