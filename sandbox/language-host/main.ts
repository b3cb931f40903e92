import { Server, ServerCredentials } from "@grpc/grpc-js";
import languageService from "@pulumi/pulumi/proto/language_grpc_pb.js";

import { languageRuntime } from "./language-runtime.ts";

// The engine passes its own address last, after any logging and tracing flags.
const engineAddress = process.argv.slice(2).findLast((argument) => !argument.startsWith("-")) ?? "";

const server = new Server({
  // A program's config and a plugin's schema may be larger than the library's 4 MB.
  "grpc.max_receive_message_length": -1,
});
server.addService(languageService.LanguageRuntimeService, languageRuntime(engineAddress));
server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
  if (error) {
    console.error(`language host: must be able to listen on 127.0.0.1, got ${error.message}`);
    process.exit(1);
  }
  // The engine reads the first line of stdout as the port to dial.
  process.stdout.write(`${port}\n`);
});
