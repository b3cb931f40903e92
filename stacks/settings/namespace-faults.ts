import { fault } from "../../shared/errors.ts";
import { project } from "./setting-rules.ts";
import type { Settings } from "./settings.ts";

/** Each namespace is made, and taken away with what is in it, by one part of the stack. */
export function namespaceFaults(partial: Partial<Settings>): string[] {
  const { namespace, postgresNamespace, demo, secretsOperator, secretsOperatorNamespace } = partial;
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
