import * as grpc from "@grpc/grpc-js";
import providerRpc from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import type { OfficialPlugin } from "./official-plugin.ts";

/** Answers a call of the engine; both sides are as they are on the wire. */
export type Answer = (request: Buffer) => Promise<Buffer>;

/** How one call is answered instead of being handed on; `handOn` hands it on. */
export type Override = (request: Buffer, handOn: Answer) => Promise<Buffer>;

/** The calls of a provider that are answered once, by name. */
const methods: ReadonlyMap<string, grpc.MethodDefinition<unknown, unknown>> = new Map(
  Object.entries<grpc.MethodDefinition<unknown, unknown>>(providerRpc.ResourceProviderService).filter(
    ([, { responseStream }]) => !responseStream,
  ),
);

/** A call of which more is known here than how to hand it on. */
type Method = "configure" | "create" | "handshake" | "read";

const asItIs = (bytes: Buffer): Buffer => bytes;

/**
 * Calls the official plugin.
 * @throws grpc.ServiceError as the plugin answered
 */
export function callOfficial(plugin: OfficialPlugin, method: Method, request: Buffer): Promise<Buffer> {
  const path = methods.get(method)?.path;
  if (path === undefined) throw new Error(`a provider has no call ${method}`);
  return callAt(plugin, path, request);
}

function callAt(plugin: OfficialPlugin, path: string, request: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    plugin.client.makeUnaryRequest<Buffer, Buffer>(path, asItIs, asItIs, request, (error, response) => {
      if (error !== null) reject(error);
      else resolve(response ?? Buffer.alloc(0));
    });
  });
}

/**
 * Serves every call by the official plugin, apart from those with an answer of ours.
 * @param current The plugin that is in use now.
 * @param overrides Answers of ours.
 * @returns The server, not bound yet.
 */
export function forwardingServer(
  current: () => OfficialPlugin,
  overrides: Partial<Record<Method, Override>>,
): grpc.Server {
  const server = new grpc.Server({ "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 });
  const answers = new Map<string, Override>(Object.entries(overrides));
  const handlers = [...methods].map(([name, { path }]): [string, grpc.handleUnaryCall<Buffer, Buffer>] => {
    const handOn: Answer = (request) => callAt(current(), path, request);
    const override = answers.get(name);
    return [
      name,
      ({ request }, callback) => {
        (override === undefined ? handOn(request) : override(request, handOn)).then((response) => {
          callback(null, response);
        }, refuse(callback));
      },
    ];
  });
  server.addService(bytesService(), Object.fromEntries(handlers));
  return server;
}

function bytesService(): grpc.ServiceDefinition {
  const bytes = {
    requestSerialize: asItIs,
    requestDeserialize: asItIs,
    responseSerialize: asItIs,
    responseDeserialize: asItIs,
  };
  return Object.fromEntries([...methods].map(([name, method]) => [name, { ...method, ...bytes }]));
}

/** A refusal as the plugin gave it, with what it left behind. */
function refuse(callback: grpc.sendUnaryData<Buffer>): (error: unknown) => void {
  return (error) => {
    if (!isServiceError(error)) {
      callback({ code: grpc.status.UNKNOWN, details: error instanceof Error ? error.message : String(error) });
      return;
    }
    const metadata = new grpc.Metadata();
    for (const value of error.metadata.get(detailsKey)) metadata.add(detailsKey, value);
    callback({ code: error.code, details: error.details, metadata });
  };
}

const detailsKey = "grpc-status-details-bin";

function isServiceError(error: unknown): error is grpc.ServiceError {
  return error instanceof Error && "code" in error && "details" in error && "metadata" in error;
}
