import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import * as pulumi from "@pulumi/pulumi";

/**
 * Writes a certificate to a file for a provider that only takes files. The path is the same on every machine and is
 * stored in the state; each run writes the file again.
 * @param name Name of the file, unique in the stack.
 * @param certificate PEM text.
 * @returns Its path, relative to the project's folder, where plugins run.
 */
export function certificateFile(name: string, certificate: pulumi.Output<string>): pulumi.Output<string> {
  const file = path.join(".vault", pulumi.getStack(), `${name}.pem`);
  return certificate.apply((text: string | undefined) => {
    // A run limited to some resources does not know those it leaves out, and does not contact them either.
    if (text === undefined) return file;
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
    return file;
  });
}
