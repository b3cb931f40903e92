import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import * as pulumi from "@pulumi/pulumi";

/**
 * Puts a certificate where a provider that only takes files finds it. The path is the same on every machine and stands
 * in the state; the file is written anew by each run.
 * @param name Name of the file, unique in the stack.
 * @param certificate PEM text.
 * @returns Its path, relative to the project's folder, which is where plugins run.
 */
export function certificateFile(name: string, certificate: pulumi.Output<string>): pulumi.Output<string> {
  const file = path.join(".vault", pulumi.getStack(), `${name}.pem`);
  return certificate.apply((text: string | undefined) => {
    // A run of some resources only does not know those it leaves out, and asks nothing of them either.
    if (text === undefined) return file;
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
    return file;
  });
}
