import * as grpc from "@grpc/grpc-js";
import providerRpc from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import pb from "@pulumi/pulumi/proto/provider_pb.js";
import statusMessages from "@pulumi/pulumi/proto/status_pb.js";
import emptyMessages from "google-protobuf/google/protobuf/empty_pb.js";
import type { PropertyMap } from "../../plugins/shared/property.ts";
import { decodeProperties, encodeProperties } from "../../plugins/shared/property-codec.ts";
import type { Provider } from "../../plugins/shared/provider.ts";
import { servePlugin } from "../../plugins/shared/serve.ts";

/** A diff as the engine sees it. */
export interface SeenDiff {
  readonly changed: boolean;
  readonly replaces: readonly string[];
  readonly deleteBeforeReplace: boolean;
  /** Kind by path, `UPDATE_REPLACE` for example. */
  readonly details: Readonly<Record<string, string>>;
}

/** A failure that left something behind. */
export class InitFailed extends Error {
  readonly id: string;
  readonly outputs: PropertyMap;
  readonly reasons: readonly string[];

  constructor(detail: pb.ErrorResourceInitFailed) {
    super(detail.getReasonsList().join("; "));
    this.id = detail.getId();
    this.outputs = decodeProperties(detail.getProperties());
    this.reasons = detail.getReasonsList();
  }
}

/** Drives a plugin as the engine does, over its gRPC interface. */
export class PluginClient {
  readonly #rpc: providerRpc.ResourceProviderClient;
  readonly #close: () => void;

  private constructor(port: number, close: () => void) {
    this.#rpc = new providerRpc.ResourceProviderClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
    this.#close = close;
  }

  /** Serves the provider in this process and connects to it. */
  static async serve(provider: Provider, engineAddress?: string): Promise<PluginClient> {
    const { port, close } = await servePlugin(provider, engineAddress);
    return new PluginClient(port, close);
  }

  /** Connects to one that serves on this machine. */
  static at(port: number): PluginClient {
    return new PluginClient(port, () => undefined);
  }

  close(): void {
    this.#rpc.close();
    this.#close();
  }

  async checkConfig(news: PropertyMap): Promise<string[]> {
    const request = new pb.CheckRequest().setNews(encodeProperties(news));
    const response = await sent<pb.CheckResponse>((done) => this.#rpc.checkConfig(request, done));
    return response.getFailuresList().map((failure) => failure.getReason());
  }

  async diffConfig(oldInputs: PropertyMap, news: PropertyMap): Promise<SeenDiff> {
    const request = new pb.DiffRequest().setOldInputs(encodeProperties(oldInputs)).setNews(encodeProperties(news));
    return seen(await sent<pb.DiffResponse>((done) => this.#rpc.diffConfig(request, done)));
  }

  async configure(config: PropertyMap): Promise<void> {
    const request = new pb.ConfigureRequest().setArgs(encodeProperties(config)).setAcceptsecrets(true);
    await sent<pb.ConfigureResponse>((done) => this.#rpc.configure(request, done));
  }

  async invoke(token: string): Promise<void> {
    await sent<pb.InvokeResponse>((done) => this.#rpc.invoke(new pb.InvokeRequest().setTok(token), done));
  }

  /** @returns the inputs as the engine stores them, and every fault */
  async check(type: string, news: PropertyMap): Promise<{ inputs: PropertyMap; faults: string[] }> {
    const request = addressed(new pb.CheckRequest(), type).setNews(encodeProperties(news));
    const response = await sent<pb.CheckResponse>((done) => this.#rpc.check(request, done));
    return {
      inputs: decodeProperties(response.getInputs()),
      faults: response.getFailuresList().map((failure) => failure.getProperty() + failure.getReason()),
    };
  }

  async diff(
    type: string,
    id: string,
    oldInputs: PropertyMap,
    news: PropertyMap,
    oldOutputs = oldInputs,
  ): Promise<SeenDiff> {
    const request = addressed(new pb.DiffRequest(), type)
      .setId(id)
      .setOldInputs(encodeProperties(oldInputs))
      .setOlds(encodeProperties(oldOutputs))
      .setNews(encodeProperties(news));
    return seen(await sent<pb.DiffResponse>((done) => this.#rpc.diff(request, done)));
  }

  async create(
    type: string,
    inputs: PropertyMap,
    options?: { preview: boolean },
  ): Promise<{ id: string; outputs: PropertyMap }> {
    const request = addressed(new pb.CreateRequest(), type)
      .setProperties(encodeProperties(inputs))
      .setPreview(options?.preview === true);
    const response = await sent<pb.CreateResponse>((done) => this.#rpc.create(request, done));
    return { id: response.getId(), outputs: decodeProperties(response.getProperties()) };
  }

  /** @returns undefined when the resource is gone */
  async read(
    type: string,
    id: string,
    inputs: PropertyMap = {},
    outputs: PropertyMap = {},
  ): Promise<{ inputs: PropertyMap; outputs: PropertyMap } | undefined> {
    const request = addressed(new pb.ReadRequest(), type)
      .setId(id)
      .setInputs(encodeProperties(inputs))
      .setProperties(encodeProperties(outputs));
    const response = await sent<pb.ReadResponse>((done) => this.#rpc.read(request, done));
    if (response.getId() === "") return undefined;
    return { inputs: decodeProperties(response.getInputs()), outputs: decodeProperties(response.getProperties()) };
  }

  async update(
    type: string,
    id: string,
    oldInputs: PropertyMap,
    news: PropertyMap,
    options?: { preview?: boolean; oldOutputs?: PropertyMap },
  ): Promise<PropertyMap> {
    const request = addressed(new pb.UpdateRequest(), type)
      .setId(id)
      .setOldInputs(encodeProperties(oldInputs))
      .setOlds(encodeProperties(options?.oldOutputs ?? oldInputs))
      .setNews(encodeProperties(news))
      .setPreview(options?.preview === true);
    const response = await sent<pb.UpdateResponse>((done) => this.#rpc.update(request, done));
    return decodeProperties(response.getProperties());
  }

  /** Asks for the end of what is under way. */
  async cancel(): Promise<void> {
    await sent((done) => this.#rpc.cancel(new emptyMessages.Empty(), done));
  }

  async delete(type: string, id: string, outputs: PropertyMap, inputs = outputs): Promise<void> {
    const request = addressed(new pb.DeleteRequest(), type)
      .setId(id)
      .setOldInputs(encodeProperties(inputs))
      .setProperties(encodeProperties(outputs));
    await sent((done) => this.#rpc.delete(request, done));
  }
}

interface Addressed {
  setUrn: (urn: string) => unknown;
  setType: (type: string) => unknown;
  setName: (name: string) => unknown;
}

function addressed<Request extends Addressed>(request: Request, type: string): Request {
  request.setUrn(`urn:pulumi:test::project::${type}::subject`);
  request.setType(type);
  request.setName("subject");
  return request;
}

function seen(response: pb.DiffResponse): SeenDiff {
  const kinds = Object.entries(pb.PropertyDiff.Kind);
  const details: Record<string, string> = {};
  response.getDetaileddiffMap().forEach((diff, path) => {
    details[path] = kinds.find(([, kind]) => kind === diff.getKind())?.[0] ?? "?";
  });
  return {
    changed: response.getChanges() === pb.DiffResponse.DiffChanges.DIFF_SOME,
    replaces: response.getReplacesList(),
    deleteBeforeReplace: response.getDeletebeforereplace(),
    details,
  };
}

function sent<Response>(
  send: (done: (error: grpc.ServiceError | null, response: Response) => void) => unknown,
): Promise<Response> {
  return new Promise((resolve, reject) => {
    send((error, response) => {
      if (error === null) resolve(response);
      else reject(initFailure(error) ?? error);
    });
  });
}

function initFailure(error: grpc.ServiceError): InitFailed | undefined {
  const [bytes] = error.metadata.get("grpc-status-details-bin");
  if (!(bytes instanceof Buffer)) return undefined;
  const [detail] = statusMessages.Status.deserializeBinary(bytes).getDetailsList();
  return detail && new InitFailed(pb.ErrorResourceInitFailed.deserializeBinary(detail.getValue_asU8()));
}
