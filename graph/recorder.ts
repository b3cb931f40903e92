import * as pulumi from "@pulumi/pulumi";
import type { RegisterResourceRequest } from "@pulumi/pulumi/proto/resource_pb.js";

/** One resource as requested from the engine. Names stand for URNs, so that a record can be read and compared. */
export interface RecordedResource {
  readonly type: string;
  readonly name: string;
  /** Name of the parent; the stack itself is "stack". */
  readonly parent: string;
  /** Name of the provider; empty for components and for resources that would use a default provider. */
  readonly provider: string;
  readonly custom: boolean;
  /** Secrets are masked. */
  readonly inputs: Readonly<Record<string, unknown>>;
  /** Names of the resources whose outputs are inputs here, and of those it depends on by option. */
  readonly dependencies: readonly string[];
  readonly deletedWith: string;
  readonly ignoreChanges: readonly string[];
  readonly retainOnDelete: boolean;
  /** Left out when it is not protected. */
  readonly protect?: true;
  /** Id of the existing object that is taken over; empty for none. */
  readonly adopts: string;
  readonly additionalSecretOutputs: readonly string[];
}

/** One resource depends on another. */
export interface RecordedEdge {
  /** `<type>::<name>` of the one that comes after. */
  readonly from: string;
  /** `<type>::<name>` of the one that comes first. */
  readonly to: string;
  /** Why: names of inputs that take outputs of the other, or else `dependsOn`, `provider` or `deletedWith`. */
  readonly via: readonly string[];
}

/** Everything that a program asked for, in a stable order, and what it returned. */
export interface Recording {
  readonly resources: readonly RecordedResource[];
  /**
   * The same dependencies as those of the resources, but unambiguous: a component and its first child share a name.
   */
  readonly edges: readonly RecordedEdge[];
  /** `<type>::<name>` of each resource's parent, by its own `<type>::<name>`; children of the stack have none. */
  readonly parents: Readonly<Record<string, string>>;
  readonly outputs: Readonly<Record<string, unknown>>;
}

/** How the mock engine behaves. */
export interface RecordingOptions {
  /** @default false */
  readonly preview?: boolean;
  /** Outputs of a resource beyond its inputs. @default - none */
  readonly outputs?: (type: string, name: string) => Record<string, unknown>;
}

/** What a secret looks like in a record. */
export const masked = "[secret]";

/** What an unknown value looks like in a record. */
export const unknownValue = "[unknown]";

const rpcSignature = "4dabf18193072939515e22adb298388d";
const rpcSecret = "1b47061264138c4ac30d75fd1eb44270";
const rpcUnknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/**
 * Runs a program against a mock engine and records every registration.
 *
 * A failure of the program is thrown with only its message. A recording proves what the program asks for; not that an
 * engine, a provider or a cluster would accept it. Each resource answers with its own inputs and what `outputs` adds.
 */
export async function record(program: () => unknown, options: RecordingOptions = {}): Promise<Recording> {
  const requests: RegisterResourceRequest[] = [];
  const settled: Promise<unknown>[] = [];
  await pulumi.runtime.setMocks(
    {
      call: () => ({}),
      newResource: ({ type, name, inputs }) => ({
        // Components and the stack have no identity of their own.
        id: `${name}-id`,
        state: {
          ...(inputs as Record<string, unknown>),
          ...autonamed(type, name, inputs as Record<string, unknown>),
          ...computed(type, name),
          ...options.outputs?.(type, name),
        },
      }),
    },
    "vaultstack",
    "stack",
    options.preview ?? false,
  );
  const monitor = pulumi.runtime.getMonitor();
  if (monitor === undefined) throw new Error("the mock engine is not there");
  const register = monitor.registerResource.bind(monitor) as (...args: unknown[]) => unknown;
  monitor.registerResource = ((request: RegisterResourceRequest, ...rest: unknown[]) => {
    requests.push(request);
    const answer = register(request, ...rest);
    settled.push(Promise.resolve(answer));
    return answer;
  }) as typeof monitor.registerResource;

  let outputs: unknown = {};
  const failures: Error[] = [];
  await pulumi.runtime.runInPulumiStack(async () => {
    try {
      outputs = await program();
    } catch (error) {
      // Only its message: the error of a resource holds the resource, and with it the whole graph.
      failures.push(new Error(error instanceof Error ? error.message : String(error)));
    }
  });
  await pulumi.runtime.disconnect();
  for (const failure of failures) throw failure;
  await Promise.all(settled);
  const asked = requests.filter((request) => request.getType() !== "pulumi:pulumi:Stack");
  return {
    resources: asked.map(recorded).sort(byTypeAndName),
    edges: asked.flatMap(edgesOf).sort((a, b) => (`${a.from} ${a.to}` < `${b.from} ${b.to}` ? -1 : 1)),
    parents: Object.fromEntries(asked.flatMap(parentOf).sort()),
    outputs: await resolved(outputs),
  };
}

/** What distinguishes a resource from all others in a recording. */
export function idOf({ type, name }: Pick<RecordedResource, "type" | "name">): string {
  return `${type}::${name}`;
}

/** The name that the cluster's provider makes up for an object without one. */
function autonamed(type: string, name: string, { metadata }: Record<string, unknown>): Record<string, unknown> {
  if (!type.startsWith("kubernetes:") || typeof metadata !== "object") return {};
  return { metadata: { name: `${name}-autonamed`, ...metadata } };
}

/** Outputs that the program relies on and that no mock could leave out. */
function computed(type: string, name: string): Record<string, unknown> {
  switch (type) {
    case "vault:index/mount:Mount":
      return { accessor: `${name}-accessor` };
    case "vault:appRole/authBackendRole:AuthBackendRole":
      return { roleId: `${name}-role-id` };
    case "random:index/randomPassword:RandomPassword":
      return { result: `${name}-result` };
    case "tls:index/privateKey:PrivateKey":
      return { privateKeyPem: `${name}-private-key` };
    case "tls:index/selfSignedCert:SelfSignedCert":
      return { certPem: `${name}-certificate` };
    default:
      return {};
  }
}

/** Each output on its own, as in a preview some are unknown. A program that returns a resource returns no outputs. */
async function resolved(outputs: unknown): Promise<Record<string, unknown>> {
  if (typeof outputs !== "object" || outputs === null || pulumi.Resource.isInstance(outputs)) return {};
  const entries = Object.entries(outputs).map(async ([name, value]) => {
    const output = pulumi.output<unknown>(value) as pulumi.Output<unknown> & { readonly isKnown: Promise<boolean> };
    if (!(await output.isKnown)) return [name, unknownValue] as const;
    return [name, await new Promise((resolve) => output.apply(resolve))] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

/** The one resource of that type and name; throws if there is none. */
export function find({ resources }: Recording, type: string, name: string): RecordedResource {
  const found = resources.find((resource) => resource.type === type && resource.name === name);
  if (found !== undefined) return found;
  const known = resources.map((resource) => `${resource.type} ${resource.name}`).join("\n");
  throw new Error(`no ${type} named ${name} among\n${known}`);
}

function recorded(request: RegisterResourceRequest): RecordedResource {
  return {
    type: request.getType(),
    name: request.getName(),
    parent: nameOf(request.getParent()),
    provider: nameOf(request.getProvider().replace(/::[^:]*$/, "")),
    custom: request.getCustom(),
    inputs: maskSecrets(request.getObject()?.toJavaScript() ?? {}) as Record<string, unknown>,
    dependencies: [...new Set(request.getDependenciesList().map(nameOf))].sort(),
    deletedWith: nameOf(request.getDeletedwith()),
    ignoreChanges: request.getIgnorechangesList(),
    retainOnDelete: request.getRetainondelete() ?? false,
    ...(request.getProtect() === true && { protect: true }),
    adopts: request.getImportid(),
    additionalSecretOutputs: request.getAdditionalsecretoutputsList(),
  };
}

function edgesOf(request: RegisterResourceRequest): RecordedEdge[] {
  const from = `${request.getType()}::${request.getName()}`;
  const reasons = new Map<string, Set<string>>();
  const add = (urn: string, reason: string): void => {
    if (urn !== "") reasons.set(urn, new Set([...(reasons.get(urn) ?? []), reason]));
  };
  for (const [property, dependencies] of request.getPropertydependenciesMap().entries()) {
    for (const urn of dependencies.getUrnsList()) add(urn, property);
  }
  for (const urn of request.getDependenciesList()) if (!reasons.has(urn)) add(urn, "dependsOn");
  // A reference to a provider consists of its URN and its id.
  add(request.getProvider().replace(/::[^:]*$/, ""), "provider");
  add(request.getDeletedwith(), "deletedWith");
  return Array.from(reasons, ([urn, via]) => ({ from, to: idOfUrn(urn), via: [...via].sort() }));
}

function parentOf(request: RegisterResourceRequest): [string, string][] {
  const parent = request.getParent();
  const isOfStack = parent === "" || nameOf(parent) === "stack";
  return isOfStack ? [] : [[`${request.getType()}::${request.getName()}`, idOfUrn(parent)]];
}

/** A URN is `urn:pulumi:<stack>::<project>::<types of the parents, joined by $>$<type>::<name>`. */
function idOfUrn(urn: string): string {
  const [types = "", ...name] = urn.split("::").slice(2);
  return `${types.slice(types.lastIndexOf("$") + 1)}::${name.join("::")}`;
}

function nameOf(urn: string): string {
  const name = urn.split("::").at(-1) ?? "";
  return urn.includes("pulumi:pulumi:Stack::") ? "stack" : name;
}

function maskSecrets(value: unknown): unknown {
  if (value === rpcUnknown) return unknownValue;
  if (Array.isArray(value)) return value.map(maskSecrets);
  if (typeof value !== "object" || value === null) return value;
  if ((value as Record<string, unknown>)[rpcSignature] === rpcSecret) return masked;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, maskSecrets(part)]));
}

function byTypeAndName(a: RecordedResource, b: RecordedResource): number {
  return `${a.type} ${a.name}` < `${b.type} ${b.name}` ? -1 : 1;
}
