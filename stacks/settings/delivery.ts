import { z } from "zod";
import type { ChartSource } from "../../components/delivery/secrets-operator.ts";
import { charts } from "../../shared/versions.ts";
import { chartPath, chartRepository, chartVersion, duration, namespace, oneOf } from "./setting-rules.ts";
import { type Parsed, setting } from "./setting.ts";

/** The operator that delivers secrets to workloads. */
export const deliverySettings = {
  secretsOperator: setting(
    oneOf(["install", "existing", "none"], "there can be one in a cluster; use existing for another's"),
    {
      default: "install",
      description:
        "Which Vault Secrets Operator delivers secrets. install puts one into the cluster, existing uses the one that is there, none leaves it out. There can be one in a cluster, because it looks at every namespace.",
    },
  ),
  secretsOperatorNamespace: setting(namespace(), {
    default: "vault-secrets-operator-system",
    description: "Namespace of the operator that the stack installs, made by the stack.",
  }),
  secretsOperatorChart: setting(
    z.discriminatedUnion(
      "kind",
      [
        z.strictObject({ kind: z.literal("repository"), url: chartRepository(), version: chartVersion() }),
        z.strictObject({ kind: z.literal("path"), path: chartPath() }),
      ],
      { error: 'must be {kind: "repository"} or {kind: "path"}; set vaultstack:secretsOperatorChart.kind' },
    ),
    {
      default: charts.secretsOperator,
      description:
        "The operator's official chart. {kind: repository, url, version} is fetched; {kind: path, path} is a folder or package on this machine. The default version is the one the tests run.",
      examples: [charts.secretsOperator, { kind: "path", path: "/charts/vault-secrets-operator" }],
    },
  ),
  refreshAfter: setting(duration(), {
    default: "30s",
    description:
      "How often the operator reads a static secret, as a whole number with s, m, h or d. A changed secret reaches its workload after 80 to 90 % of it.",
    examples: ["5m"],
  }),
};

/** Which secrets operator delivers secrets. */
export type OperatorConfig =
  | {
      /** The stack installs it. */
      readonly kind: "install";
      readonly namespace: string;
      readonly chart: ChartSource;
    }
  | {
      /** One that is in the cluster already. */
      readonly kind: "existing";
    }
  | {
      /** None does. */
      readonly kind: "none";
    };

/** Converts these settings to the form the components take. */
export function operatorConfig(settings: Parsed<typeof deliverySettings>): OperatorConfig {
  const { secretsOperator: kind, secretsOperatorNamespace, secretsOperatorChart: chart } = settings;
  return kind === "install" ? { kind, namespace: secretsOperatorNamespace, chart } : { kind };
}
