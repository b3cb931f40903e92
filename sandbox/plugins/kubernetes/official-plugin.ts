import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import * as grpc from "@grpc/grpc-js";

/** A process of the official plugin that serves. */
export interface OfficialPlugin {
  readonly client: grpc.Client;
  readonly end: () => void;
}

/**
 * Starts the official plugin, whose first line of standard output is its port.
 * @param args What the engine gives a plugin.
 * @throws Error when it ends before it serves; it has said why on standard error
 */
export async function startOfficial(
  binary: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<OfficialPlugin> {
  const child = spawn(binary, args, { env, stdio: ["ignore", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout });
  const port = await new Promise<string>((resolve, reject) => {
    lines.once("line", resolve);
    child.once("error", reject);
    child.once("exit", (code) => {
      reject(new Error(`${binary}: must say its port, got its end with ${code ?? "a signal"}`));
    });
  });
  return {
    client: clientOf(`127.0.0.1:${port}`),
    end: () => {
      child.kill("SIGTERM");
    },
  };
}

/** A client for messages of any size. */
export function clientOf(address: string): grpc.Client {
  const unlimited = { "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 };
  return new grpc.Client(address, grpc.credentials.createInsecure(), unlimited);
}
