import { connect } from "node:tls";
import { nodeAddress } from "../../sandbox/cluster/addresses.ts";

/**
 * Asks the sandbox's gateway as a client does from outside.
 * @returns Fingerprint of the certificate it is shown. @throws when it gets none.
 */
export function certificateServed(servername: string, ca: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: nodeAddress, port: 443, servername, ca });
    socket.setTimeout(5_000, () => socket.destroy(new Error("no answer")));
    socket.once("error", reject);
    socket.once("secureConnect", () => {
      resolve(socket.getPeerX509Certificate()?.fingerprint256 ?? "");
      socket.destroy();
    });
  });
}
