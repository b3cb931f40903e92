import providerMessages from "@pulumi/pulumi/proto/provider_pb.js";
import emptyMessages from "google-protobuf/google/protobuf/empty_pb.js";
import type struct from "google-protobuf/google/protobuf/struct_pb.js";
import type { EngineLog } from "./engine-log.ts";
import { PartialFailure, PluginError } from "./errors.ts";
import { checkInputs } from "./input-check.ts";
import { liveInputs } from "./live-inputs.ts";
import { known, revealAll, withSecretsOf, type JsonObject, type PropertyMap } from "./property.ts";
import { decodeProperties, encodeProperties } from "./property-codec.ts";
import type { OperationContext, Provider, ResourceType } from "./provider.ts";
import type { SecretValues } from "./redaction.ts";
import { checkResponse, diffResponse } from "./responses.ts";
import { markedOutputs, previewOutputs } from "./resource-outputs.ts";
import { structuralDiff } from "./structural-diff.ts";

/** The life of resources: Check, Diff, Create, Read, Update, Delete. */
export class ResourceHandlers {
  readonly #provider: Provider;
  readonly #secrets: SecretValues;
  readonly #log: EngineLog;

  constructor(provider: Provider, secrets: SecretValues, log: EngineLog) {
    this.#provider = provider;
    this.#secrets = secrets;
    this.#log = log;
  }

  async check(request: providerMessages.CheckRequest): Promise<providerMessages.CheckResponse> {
    const type = this.#type(request);
    const news = this.#decode(request.getNews());
    const checked = checkInputs(news, type.inputs);
    if (type.check === undefined || checked.faults.length > 0) return checkResponse(checked.inputs, checked.faults);
    const further = await type.check(revealAll(checked.inputs));
    return checkResponse(withSecretsOf(further.inputs, checked.inputs), further.faults);
  }

  async diff(request: providerMessages.DiffRequest): Promise<providerMessages.DiffResponse> {
    const type = this.#type(request);
    const oldInputs = revealAll(this.#decode(request.getOldInputs()));
    const news = revealAll(this.#decode(request.getNews()));
    if (type.diff === undefined) {
      const changes = structuralDiff(oldInputs, news, type.inputs);
      const replaced = type.update === undefined ? changes.map((change) => ({ ...change, replace: true })) : changes;
      return diffResponse(replaced, type.deleteBeforeReplace === true);
    }
    const oldOutputs = revealAll(this.#decode(request.getOlds()));
    const { changes, deleteBeforeReplace } = await type.diff({
      id: request.getId(),
      urn: request.getUrn(),
      type: request.getType(),
      oldInputs,
      oldOutputs,
      news,
    });
    return diffResponse(changes, deleteBeforeReplace ?? type.deleteBeforeReplace === true);
  }

  async create(request: providerMessages.CreateRequest, signal: AbortSignal): Promise<providerMessages.CreateResponse> {
    const type = this.#type(request);
    const inputs = this.#decode(request.getProperties());
    if (request.getPreview()) {
      const outputs = preview(type, undefined, inputs, {});
      return new providerMessages.CreateResponse().setProperties(encodeProperties(outputs));
    }
    const { id, outputs } = await type.create(known(revealAll(inputs)), this.#context(request, signal));
    return new providerMessages.CreateResponse()
      .setId(id)
      .setProperties(encodeProperties(this.#outputs(type, outputs, inputs)));
  }

  async read(request: providerMessages.ReadRequest, signal: AbortSignal): Promise<providerMessages.ReadResponse> {
    const type = this.#type(request);
    const oldInputs = this.#decode(request.getInputs());
    const oldOutputs = this.#decode(request.getProperties());
    const olds = { inputs: known(revealAll(oldInputs)), outputs: known(revealAll(oldOutputs)) };
    const live = await type.read({ id: request.getId(), ...olds }, this.#context(request, signal));
    // An empty id tells the engine that the resource is gone.
    if (live === undefined) return new providerMessages.ReadResponse();
    const inputs = withSecretsOf(
      checkInputs(liveInputs(live, olds.inputs, type.inputs), type.inputs).inputs,
      oldInputs,
    );
    return new providerMessages.ReadResponse()
      .setId(live.id)
      .setInputs(encodeProperties(inputs))
      .setProperties(encodeProperties(this.#outputs(type, live.outputs, inputs, oldOutputs)));
  }

  async update(request: providerMessages.UpdateRequest, signal: AbortSignal): Promise<providerMessages.UpdateResponse> {
    const type = this.#type(request);
    const news = this.#decode(request.getNews());
    const oldOutputs = this.#decode(request.getOlds());
    if (request.getPreview()) {
      const outputs = preview(type, request.getId(), news, oldOutputs);
      return new providerMessages.UpdateResponse().setProperties(encodeProperties(outputs));
    }
    if (type.update === undefined) throw new Error(`${request.getType()}: is never updated in place, got an update`);
    const outputs = await type.update(
      {
        id: request.getId(),
        news: known(revealAll(news)),
        oldInputs: known(revealAll(this.#decode(request.getOldInputs()))),
        oldOutputs: known(revealAll(oldOutputs)),
      },
      this.#context(request, signal),
    );
    return new providerMessages.UpdateResponse().setProperties(encodeProperties(this.#outputs(type, outputs, news)));
  }

  async delete(request: providerMessages.DeleteRequest, signal: AbortSignal): Promise<emptyMessages.Empty> {
    const inputs = known(revealAll(this.#decode(request.getOldInputs())));
    const outputs = known(revealAll(this.#decode(request.getProperties())));
    await this.#type(request).delete({ id: request.getId(), inputs, outputs }, this.#context(request, signal));
    return new emptyMessages.Empty();
  }

  /** What the engine stores of a half-done create or update. */
  partial(
    request: ResourceRequest,
    inputs: struct.Struct | undefined,
    { state }: PartialFailure,
  ): { outputs: PropertyMap; inputs: PropertyMap } {
    const given = decodeProperties(inputs);
    return {
      outputs: this.#outputs(this.#type(request), state.outputs, given),
      inputs: state.inputs === undefined ? given : withSecretsOf(state.inputs, given),
    };
  }

  #outputs(type: ResourceType, outputs: JsonObject, ...marks: PropertyMap[]): PropertyMap {
    const inputs = known(revealAll(marks[0] ?? {}));
    const all = markedOutputs(type, { ...inputs, ...outputs }, marks);
    this.#secrets.collect(all);
    return all;
  }

  #decode(message: struct.Struct | undefined): PropertyMap {
    const properties = decodeProperties(message);
    this.#secrets.collect(properties);
    return properties;
  }

  #type(request: ResourceRequest): ResourceType {
    const type = this.#provider.resourceType(request.getType());
    if (type !== undefined) return type;
    throw new PluginError(
      `${request.getType()}: must be a type the stand-in of the ${this.#provider.name} plugin covers, got one it does not; use the official plugin`,
    );
  }

  #context(request: ResourceRequest, signal: AbortSignal): OperationContext {
    return {
      urn: request.getUrn(),
      type: request.getType(),
      name: request.getName(),
      signal,
      log: this.#log.of(request.getUrn()),
    };
  }
}

interface ResourceRequest {
  readonly getUrn: () => string;
  readonly getType: () => string;
  readonly getName: () => string;
}

function preview(type: ResourceType, id: string | undefined, news: PropertyMap, oldOutputs: PropertyMap): PropertyMap {
  const shown = previewOutputs(type, id, revealAll(news), revealAll(oldOutputs));
  return markedOutputs(type, shown, [news, oldOutputs]);
}
