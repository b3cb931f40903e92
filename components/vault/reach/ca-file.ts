import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import * as pulumi from "@pulumi/pulumi";

/**
 * Where the bundle that Vault is verified with is kept for the Vault plugin, which only takes a path. The path is
 * stored in the state, so it is the same on every machine.
 * @returns Path of the file, relative to the project's folder.
 */
export function caFile(): string {
  return `.vault/${pulumi.getStack()}/ca.pem`;
}

/**
 * Writes the bundle to its file, which every run does again.
 * @returns Path of the file.
 */
export function writeCaFile(bundle: string): string {
  const path = caFile();
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bundle);
  return path;
}
