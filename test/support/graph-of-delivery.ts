import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { DeliveryProgram } from "./delivery-programs.ts";
import type { Recording } from "../../graph/recorder.ts";

/** What a program about delivery asks for. */
export async function graphOfDelivery(program: DeliveryProgram): Promise<Recording> {
  const env = { PATH: process.env["PATH"], NODE_COMPILE_CACHE: "node_modules/.cache/compiled" };
  const arguments_ = ["test/support/delivery-graph.ts", program];
  const { stdout } = await promisify(execFile)(process.execPath, arguments_, { env, maxBuffer: 16 * 1024 * 1024 });
  return JSON.parse(stdout.slice(stdout.lastIndexOf('{"resources":'))) as Recording;
}
