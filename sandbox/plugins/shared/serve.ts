import * as grpc from "@grpc/grpc-js";
import providerRpc, { type IResourceProviderServer } from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import pluginMessages from "@pulumi/pulumi/proto/plugin_pb.js";
import providerMessages from "@pulumi/pulumi/proto/provider_pb.js";
import emptyMessages from "google-protobuf/google/protobuf/empty_pb.js";
import { EngineLog } from "./engine-log.ts";
import type { PartialFailure } from "./errors.ts";
import { serveOn } from "./listen.ts";
import type { PropertyMap } from "./property.ts";
import type { Provider } from "./provider.ts";
import { ConfigHandlers } from "./provider-config.ts";
import { SecretValues } from "./redaction.ts";
import { ResourceHandlers } from "./resource-handlers.ts";
import { failureResponse, notCovered } from "./responses.ts";

/** A plugin that listens. */
export interface ServedPlugin {
  readonly port: number;
  /** Stops listening and aborts operations under way. */
  readonly close: () => void;
}

/**
 * Serves a provider on a free loopback port.
 * @param engineAddress host:port of the engine's own interface; undefined drops console messages
 */
export async function servePlugin(provider: Provider, engineAddress: string | undefined): Promise<ServedPlugin> {
  const secrets = new SecretValues();
  const log = new EngineLog(engineAddress, secrets);
  const cancelled = new AbortController();
  const server = new grpc.Server({ "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 });
  const calls = new Calls(provider.name, secrets, cancelled);
  const config = new ConfigHandlers(provider, secrets);
  const resources = new ResourceHandlers(provider, secrets, log);
  server.addService(providerRpc.ResourceProviderService, {
    ...processCalls(provider, cancelled),
    ...resourceCalls(calls, resources),
    ...uncoveredCalls(calls),
    ...configCalls(calls, config),
  });
  return {
    port: await serveOn(server),
    close: () => {
      cancelled.abort();
      server.forceShutdown();
      log.close();
      provider.close?.();
    },
  };
}

type Served<Call extends keyof IResourceProviderServer> = Pick<IResourceProviderServer, Call>;

/** Turns functions into gRPC calls, with failures in the engine's form. */
class Calls {
  readonly #plugin: string;
  readonly #secrets: SecretValues;
  readonly #cancelled: AbortController;

  constructor(plugin: string, secrets: SecretValues, cancelled: AbortController) {
    this.#plugin = plugin;
    this.#secrets = secrets;
    this.#cancelled = cancelled;
  }

  unary<Request, Response>(
    handle: (request: Request, signal: AbortSignal) => Response | Promise<Response>,
    partial?: (request: Request, failure: PartialFailure) => { outputs: PropertyMap; inputs: PropertyMap },
  ): grpc.handleUnaryCall<Request, Response> {
    return (call, callback) => {
      const { request } = call;
      const gone = new AbortController();
      call.on("cancelled", () => {
        gone.abort();
      });
      const signal = AbortSignal.any([this.#cancelled.signal, gone.signal]);
      new Promise<Response>((resolve) => {
        resolve(handle(request, signal));
      }).then(
        (response) => {
          callback(null, response);
        },
        (error: unknown) => {
          callback(failureResponse(error, this.#secrets, partial && ((failure) => partial(request, failure))));
        },
      );
    };
  }

  refuse<Request, Response>(what: (request: Request) => string): grpc.handleUnaryCall<Request, Response> {
    return (call, callback) => {
      callback(notCovered(this.#plugin, what(call.request)));
    };
  }
}

function processCalls(
  provider: Provider,
  cancelled: AbortController,
): Served<"handshake" | "attach" | "getPluginInfo" | "getSchema" | "cancel"> {
  return {
    handshake: (_call, callback) => {
      const response = new providerMessages.ProviderHandshakeResponse();
      callback(null, response.setAcceptSecrets(true).setAcceptResources(false).setAcceptOutputs(false));
    },
    attach: (_call, callback) => {
      callback(null, new emptyMessages.Empty());
    },
    getPluginInfo: (_call, callback) => {
      callback(null, new pluginMessages.PluginInfo().setVersion(provider.version));
    },
    getSchema: (_call, callback) => {
      const schema = JSON.stringify({ name: provider.name, version: provider.version, resources: {} });
      callback(null, new providerMessages.GetSchemaResponse().setSchema(schema));
    },
    cancel: (_call, callback) => {
      cancelled.abort();
      callback(null, new emptyMessages.Empty());
    },
  };
}

function configCalls(calls: Calls, config: ConfigHandlers): Served<"checkConfig" | "diffConfig" | "configure"> {
  return {
    checkConfig: calls.unary((request) => config.check(request)),
    diffConfig: calls.unary((request) => config.diff(request)),
    configure: calls.unary((request) => config.configure(request)),
  };
}

function resourceCalls(
  calls: Calls,
  resources: ResourceHandlers,
): Served<"check" | "diff" | "create" | "read" | "update" | "delete"> {
  return {
    check: calls.unary((request) => resources.check(request)),
    diff: calls.unary((request) => resources.diff(request)),
    create: calls.unary(
      (request, signal) => resources.create(request, signal),
      (request, failure) => resources.partial(request, request.getProperties(), failure),
    ),
    read: calls.unary(
      (request, signal) => resources.read(request, signal),
      (request, failure) => resources.partial(request, request.getInputs(), failure),
    ),
    update: calls.unary(
      (request, signal) => resources.update(request, signal),
      (request, failure) => resources.partial(request, request.getNews(), failure),
    ),
    delete: calls.unary((request, signal) => resources.delete(request, signal)),
  };
}

function uncoveredCalls(
  calls: Calls,
): Served<"parameterize" | "construct" | "invoke" | "call" | "getMapping" | "getMappings" | "list"> {
  return {
    parameterize: calls.refuse(() => "parameterization"),
    construct: calls.refuse((request: { getType: () => string }) => `component ${request.getType()}`),
    invoke: calls.refuse((request: { getTok: () => string }) => `function ${request.getTok()}`),
    call: calls.refuse((request: { getTok: () => string }) => `method ${request.getTok()}`),
    getMapping: calls.refuse(() => "a mapping"),
    getMappings: calls.refuse(() => "a mapping"),
    list: (call) => {
      call.destroy(Object.assign(new Error("list"), { code: grpc.status.UNIMPLEMENTED }));
    },
  };
}
