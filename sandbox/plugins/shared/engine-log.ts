import * as grpc from "@grpc/grpc-js";
import engineRpc from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import engineMessages from "@pulumi/pulumi/proto/engine_pb.js";
import type { OperationLog } from "./provider.ts";
import type { SecretValues } from "./redaction.ts";

/** The engine's console, reached over its gRPC interface. */
export class EngineLog {
  readonly #client: engineRpc.EngineClient | undefined;
  readonly #secrets: SecretValues;

  /** @param address host:port of the engine, or undefined to drop messages, as when a test drives the plugin */
  constructor(address: string | undefined, secrets: SecretValues) {
    this.#secrets = secrets;
    this.#client =
      address === undefined ? undefined : new engineRpc.EngineClient(address, grpc.credentials.createInsecure());
  }

  /** The messages of one resource. */
  of(urn: string): OperationLog {
    const { INFO, WARNING } = engineMessages.LogSeverity;
    return {
      status: (message) => {
        this.#send(urn, INFO, message, true);
      },
      info: (message) => {
        this.#send(urn, INFO, message, false);
      },
      warning: (message) => {
        this.#send(urn, WARNING, message, false);
      },
    };
  }

  /** Ends the connection. */
  close(): void {
    this.#client?.close();
  }

  #send(urn: string, severity: engineMessages.LogSeverity, message: string, ephemeral: boolean): void {
    if (this.#client === undefined) return;
    const request = new engineMessages.LogRequest()
      .setUrn(urn)
      .setSeverity(severity)
      .setMessage(this.#secrets.redact(message))
      .setEphemeral(ephemeral);
    // A lost console message must not fail the operation it is about.
    this.#client.log(request, () => undefined);
  }
}
