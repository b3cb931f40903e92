import * as remains from "../../protocol/database/remains-role-resource.ts";
import type { RemainsRoleInputs } from "../../protocol/database/remains-role-resource.ts";
import type { RequestScenario, WalkedWorld } from "../support/request-walk.ts";
import { faultsOfGroup, makeGroup, postgresWorld, runOf, walkedPostgres, wayIn } from "./postgres-scenarios.ts";

/** The role that gets what ended logins leave is made, made again after somebody dropped it, and dropped. */
export async function remainsRoles(): Promise<RequestScenario[]> {
  const postgres = await walkedPostgres();
  let made = 0;
  const scenario = (
    name: string,
    run: (inputs: RemainsRoleInputs) => WalkedWorld["run"],
    end: "made" | "gone",
  ): RequestScenario => ({
    name,
    open: async () => {
      const role = `walk${++made}remains`;
      const { world, relay } = await postgresWorld(postgres);
      const inputs = { ...wayIn(postgres, relay, "postgres", "postgres"), remains: role, protocolVersion: 1 };
      if (end === "gone") await makeGroup(postgres.admin, role);
      return {
        world,
        relay,
        run: run(inputs),
        harm: async () => {
          if (end === "made") return faultsOfGroup(postgres.admin, role);
          const { rows } = await postgres.admin.query("SELECT FROM pg_roles WHERE rolname = $1", [role]);
          return rows.length === 0 ? [] : [`${role} is left`];
        },
        secrets: () => [postgres.server.password],
      };
    },
  });
  const gone = (inputs: RemainsRoleInputs): WalkedWorld["run"] => {
    return async (_, state) => {
      if (state === null) await remains.delete_("id", inputs);
      return { gone: true };
    };
  };
  return [
    scenario("a role for what ended logins leave is made", (inputs) => runOf(remains, inputs, null), "made"),
    scenario("one that somebody dropped is made again", (inputs) => runOf(remains, inputs, inputs), "made"),
    scenario("one whose database is gone is dropped", gone, "gone"),
  ];
}
