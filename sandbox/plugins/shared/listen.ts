import * as grpc from "@grpc/grpc-js";

/**
 * Binds a server to a free loopback port.
 * @param server With all its services.
 */
export function serveOn(server: grpc.Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
      if (error === null) resolve(port);
      else reject(error);
    });
  });
}
