import { z } from "zod";
import { fault } from "../../shared/errors.ts";
import { databaseRoleName, labelName, secretNames, serviceAccountName } from "./login-rules.ts";
import { type Parsed, project, setting } from "./setting.ts";

const consumer = z.strictObject(
  {
    namespace: labelName("namespace"),
    serviceAccount: serviceAccountName(),
    secrets: secretNames(),
    database: databaseRoleName(),
  },
  { error: "must be {namespace, serviceAccount, secrets, database}; see docs/settings.md" },
);

/** Workloads of other teams, which log in by their service accounts. */
export const consumerSettings = {
  consumers: setting(
    z.record(labelName("consumer"), consumer, { error: "must be consumers by name; see docs/settings.md" }),
    {
      default: {},
      description:
        "Workloads of other teams by name. Each has a service account, which the other team makes, and may read secrets of the mount `secret` by name and logins of a role of the database, none unless given. Each gets the role `consumer-<name>` of the login method in the output consumerAuthPath.",
      examples: [
        { shop: { namespace: "shop", serviceAccount: "web", secrets: ["shop/config"], database: "myapp-db-role" } },
      ],
    },
  ),
};

/** Workloads of other teams by name, and what each may read. */
export type ConsumersConfig = Parsed<typeof consumerSettings>["consumers"];

/** Every fault of the setting that its schema does not catch. */
export function consumerFaults({ consumers = {} }: Partial<Parsed<typeof consumerSettings>>): string[] {
  return Object.entries(consumers)
    .filter(([, { secrets, database }]) => secrets.length === 0 && database === "none")
    .map(([name, one]) => {
      const at = `${project}:consumers.${name}`;
      return fault(at, "must have secrets or a database", one, "a login without either reads nothing");
    });
}
