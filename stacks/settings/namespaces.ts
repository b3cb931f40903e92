import { fault } from "../../shared/errors.ts";
import type { clusterSettings } from "./cluster.ts";
import type { databaseSettings } from "./database.ts";
import type { deliverySettings } from "./delivery.ts";
import type { demoSettings } from "./demo.ts";
import { type Parsed, project } from "./setting.ts";

type Naming = Parsed<typeof clusterSettings & typeof databaseSettings & typeof deliverySettings & typeof demoSettings>;

/** Each namespace is created, and deleted with its contents, by one part of the stack. */
export function namespaceFaults(settings: Partial<Naming>): string[] {
  const { namespace, postgresNamespace, demo, secretsOperator, secretsOperatorNamespace } = settings;
  const made = {
    namespace,
    postgresNamespace,
    ...(demo?.kind === "sample" && {
      "demo.webAppNamespace": demo.webAppNamespace,
      "demo.appNamespace": demo.appNamespace,
      ...(secretsOperator !== "none" && { "demo.databaseAppNamespace": demo.databaseAppNamespace }),
    }),
    ...(secretsOperator === "install" && { secretsOperatorNamespace }),
  };
  const taken = new Map<string, string>();
  return Object.entries(made).flatMap(([name, value]) => {
    if (value === undefined) return [];
    const owner = taken.get(value);
    taken.set(value, owner ?? name);
    return owner === undefined
      ? []
      : [fault(`${project}:${name}`, `must differ from ${owner}`, value, "choose another namespace")];
  });
}
