import providerMessages from "@pulumi/pulumi/proto/provider_pb.js";
import resourceMessages from "@pulumi/pulumi/proto/resource_pb.js";
import type { ComponentOutputs, ComponentType, RegisteredMember } from "./component-type.ts";
import type { EngineLog } from "./engine-log.ts";
import { PluginError } from "./errors.ts";
import { checkInputs } from "./input-check.ts";
import { hasUnknown, known, revealAll } from "./property.ts";
import { decodeProperties, encodeProperties, encodeReferences } from "./property-codec.ts";
import type { OperationLog, Provider } from "./provider.ts";
import type { SecretValues } from "./redaction.ts";
import { ResourceMonitor } from "./resource-monitor.ts";

/** Components: Construct. */
export class ConstructHandler {
  readonly #provider: Provider;
  readonly #secrets: SecretValues;
  readonly #log: EngineLog;

  constructor(provider: Provider, secrets: SecretValues, log: EngineLog) {
    this.#provider = provider;
    this.#secrets = secrets;
    this.#log = log;
  }

  async construct(
    request: providerMessages.ConstructRequest,
    signal: AbortSignal,
  ): Promise<providerMessages.ConstructResponse> {
    const type = this.#type(request.getType());
    assertCoveredOptions(request);
    const given = decodeProperties(request.getInputs());
    this.#secrets.collect(given);
    const { inputs, faults } = checkInputs(given, type.inputs);
    if (faults.length > 0) throw new PluginError(faults.map(({ path, reason }) => `${path}: ${reason}`).join("\n"));
    const monitor = new ResourceMonitor(request.getMonitorendpoint());
    try {
      const component = await monitor.register(componentRequest(request));
      const log = this.#log.of(component.urn);
      const outputs = hasUnknown(inputs)
        ? incomplete(log)
        : await type.construct(known(revealAll(inputs)), {
            name: request.getName(),
            log,
            signal,
            register: memberRegistrar(monitor, request, this.#provider.name, component.urn),
          });
      const state = encodeReferences(outputs);
      await monitor.finish(component.urn, state);
      return new providerMessages.ConstructResponse().setUrn(component.urn).setState(state);
    } finally {
      monitor.close();
    }
  }

  #type(token: string): ComponentType {
    const type = this.#provider.componentType?.(token);
    if (type !== undefined) return type;
    throw new PluginError(
      `${token}: must be a component the stand-in of the ${this.#provider.name} plugin covers, got one it does not; use the official plugin`,
    );
  }
}

function incomplete(log: OperationLog): ComponentOutputs {
  log.warning("Input properties have unknown values. Preview is incomplete.");
  return {};
}

type RegisterMember = Parameters<ComponentType["construct"]>[1]["register"];

function memberRegistrar(
  monitor: ResourceMonitor,
  request: providerMessages.ConstructRequest,
  packageName: string,
  parent: string,
): RegisterMember {
  const provider = request.getProvidersMap().get(packageName) ?? "";
  return async ({ type, name, inputs, dependencies, retainOnDelete }): Promise<RegisteredMember> => {
    const member = new resourceMessages.RegisterResourceRequest()
      .setType(type)
      .setName(name)
      .setParent(parent)
      .setCustom(true)
      .setObject(encodeProperties(inputs))
      .setDependenciesList([...dependencies])
      .setProvider(provider)
      .setAcceptsecrets(true)
      .setSupportspartialvalues(true)
      .setSupportsresultreporting(true);
    // Unset, what the component was told holds: the engine hands it down.
    if (retainOnDelete) member.setRetainondelete(true);
    return monitor.register(member);
  };
}

function componentRequest(request: providerMessages.ConstructRequest): resourceMessages.RegisterResourceRequest {
  const component = new resourceMessages.RegisterResourceRequest()
    .setType(request.getType())
    .setName(request.getName())
    .setParent(request.getParent())
    .setCustom(false)
    .setObject(encodeProperties({}))
    .setDependenciesList(request.getDependenciesList())
    .setDeletedwith(request.getDeletedwith())
    .setAliasesList(request.getAliasesList())
    .setAliasspecs(true)
    .setAcceptsecrets(true)
    .setSupportsresultreporting(true);
  if (request.hasProtect()) component.setProtect(request.getProtect() === true);
  if (request.hasRetainondelete()) component.setRetainondelete(request.getRetainondelete() === true);
  request.getProvidersMap().forEach((reference, name) => component.getProvidersMap().set(name, reference));
  return component;
}

/** What the program asked for and would not get is an error, as everywhere in a stand-in. */
function assertCoveredOptions(request: providerMessages.ConstructRequest): void {
  const uncovered: Readonly<Record<string, boolean>> = {
    additionalSecretOutputs: request.getAdditionalsecretoutputsList().length > 0,
    customTimeouts: Object.values(request.getCustomtimeouts()?.toObject() ?? {}).some((timeout) => timeout !== ""),
    deleteBeforeReplace: request.hasDeletebeforereplace(),
    ignoreChanges: request.getIgnorechangesList().length > 0,
    replaceOnChanges: request.getReplaceonchangesList().length > 0,
    replaceWith: request.getReplaceWithList().length > 0,
    replacementTrigger: request.hasReplacementTrigger(),
  };
  const faults = Object.entries(uncovered).flatMap(([option, given]) =>
    given
      ? [`${option}: must not be given to a component of a stand-in plugin; leave it out, or use the official plugin`]
      : [],
  );
  if (faults.length > 0) throw new PluginError(faults.join("\n"));
}
