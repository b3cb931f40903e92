import { Secret, type Json, type JsonObject, type PropertyMap } from "../../shared/property.ts";
import type {
  ComponentContext,
  ComponentOutputs,
  ComponentType,
  RegisteredMember,
} from "../../shared/component-type.ts";
import type { PropertyRules } from "../../shared/schema.ts";
import { annotations } from "../object/annotations.ts";
import { annotationOf, idOf, objectAt, textAt, withMetadata } from "../object/fields.ts";
import type { Session } from "../session.ts";
import { dependencyOrder } from "./dependency-order.ts";
import { renderChart } from "./helm-template.ts";
import { manifestObjects } from "./manifest.ts";

/** Type token of a chart whose objects are resources of the stack. */
export const chartToken = "kubernetes:helm.sh/v4:Chart";

const inputRules: PropertyRules = {
  chart: { type: "string", required: true },
  version: { type: "string" },
  repositoryOpts: {
    type: { object: { repo: { type: "string" } } },
  },
  name: { type: "string" },
  namespace: { type: "string" },
  values: { type: "any" },
  skipCrds: { type: "boolean" },
  skipAwait: { type: "boolean" },
  resourcePrefix: { type: "string" },
};

/**
 * A Helm chart, rendered on this machine by `helm`, as the official plugin does within itself: no release is kept in the
 * cluster, and hooks are left out. Only `lookup` differs: here it finds nothing.
 */
export function chartComponent(session: () => Session): ComponentType {
  return {
    inputs: inputRules,
    construct: (inputs, context) => construct(session(), inputs, context),
  };
}

async function construct(session: Session, inputs: JsonObject, context: ComponentContext): Promise<ComponentOutputs> {
  const cluster = await session.reachableCluster();
  const namespace = filled(inputs["namespace"]) ?? session.namespace;
  const manifest = await renderChart(
    {
      chart: textAt(inputs, "chart"),
      version: filled(inputs["version"]),
      repository: filled(objectAt(inputs, "repositoryOpts")["repo"]),
      release: filled(inputs["name"]) ?? context.name,
      namespace,
      values: objectAt(inputs, "values"),
      skipCrds: inputs["skipCrds"] === true,
      capabilities: await cluster?.discovery.capabilities(),
    },
    context.signal,
  );
  const objects = await manifestObjects(manifest, namespace, session);
  const prefix = filled(inputs["resourcePrefix"]) ?? context.name;
  const registered = new Map<JsonObject, Promise<RegisteredMember>>();
  for (const { object, dependencies } of dependencyOrder(objects)) {
    const before = dependencies.flatMap((dependency) => registered.get(dependency) ?? []);
    registered.set(object, register(object, before, { prefix, skipAwait: inputs["skipAwait"] === true, context }));
  }
  const outcomes = await Promise.allSettled(registered.values());
  for (const outcome of outcomes) if (outcome.status === "rejected") throw outcome.reason;
  return { resources: await Promise.all(registered.values()) };
}

interface Registration {
  readonly prefix: string;
  readonly skipAwait: boolean;
  readonly context: ComponentContext;
}

async function register(
  object: JsonObject,
  dependencies: readonly Promise<RegisteredMember>[],
  { prefix, skipAwait, context }: Registration,
): Promise<RegisteredMember> {
  const before = await Promise.all(dependencies);
  return context.register({
    type: typeToken(object),
    name: `${prefix}:${idOf(object)}`,
    inputs: withSecrets(skipAwait ? withoutAwait(object) : object),
    dependencies: before.map(({ urn }) => urn),
    retainOnDelete: annotationOf(object, "helm.sh/resource-policy") === "keep",
  });
}

function typeToken(object: JsonObject): string {
  const apiVersion = textAt(object, "apiVersion");
  return `kubernetes:${apiVersion.includes("/") ? apiVersion : `core/${apiVersion}`}:${textAt(object, "kind")}`;
}

function withoutAwait(object: JsonObject): JsonObject {
  return withMetadata(object, {
    annotations: { ...objectAt(object, "metadata", "annotations"), [annotations.skipAwait]: "true" },
  });
}

function withSecrets(object: JsonObject): PropertyMap {
  if (textAt(object, "apiVersion") !== "v1" || textAt(object, "kind") !== "Secret") return object;
  return Object.fromEntries(
    Object.entries(object).map(([key, value]) => [
      key,
      ["data", "stringData"].includes(key) ? new Secret(value) : value,
    ]),
  );
}

function filled(value: Json | undefined): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
