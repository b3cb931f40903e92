import * as grpc from "@grpc/grpc-js";
import resourceRpc from "@pulumi/pulumi/proto/resource_grpc_pb.js";
import resourceMessages from "@pulumi/pulumi/proto/resource_pb.js";
import type struct from "google-protobuf/google/protobuf/struct_pb.js";
import type { RegisteredMember } from "./component-type.ts";
import { PluginError } from "./errors.ts";

/** The engine as a program sees it: where resources are declared. */
export class ResourceMonitor {
  readonly #client: resourceRpc.ResourceMonitorClient;

  /** @param address host:port of the monitor of one run */
  constructor(address: string) {
    this.#client = new resourceRpc.ResourceMonitorClient(address, grpc.credentials.createInsecure(), {
      "grpc.max_receive_message_length": -1,
      "grpc.max_send_message_length": -1,
    });
  }

  /**
   * Declares a resource and waits until it is as declared.
   * @throws PluginError when it did not come to that; the engine has said why
   */
  async register(request: resourceMessages.RegisterResourceRequest): Promise<RegisteredMember> {
    const response = await new Promise<resourceMessages.RegisterResourceResponse>((resolve, reject) => {
      this.#client.registerResource(request, (error, answer) => {
        if (error === null) resolve(answer);
        else reject(error);
      });
    });
    if (response.getResult() !== resourceMessages.Result.SUCCESS) {
      throw new PluginError(`${request.getName()}: did not succeed, so the component is incomplete`);
    }
    return { urn: response.getUrn(), id: response.getId() };
  }

  /** Tells the engine that a component is complete. */
  async finish(urn: string, outputs: struct.Struct): Promise<void> {
    const request = new resourceMessages.RegisterResourceOutputsRequest().setUrn(urn).setOutputs(outputs);
    await new Promise<void>((resolve, reject) => {
      this.#client.registerResourceOutputs(request, (error) => {
        if (error === null) resolve();
        else reject(error);
      });
    });
  }

  /** Ends the connection. */
  close(): void {
    this.#client.close();
  }
}
