import * as pulumi from "@pulumi/pulumi";
import type { PolicyRuleArgs } from "../../access/policy.ts";
import { fault } from "../../../shared/errors.ts";
import { kvSecretNameFaults, type KvEngine, type KvSecret } from "./kv.ts";

/** A part of a store, and the reason for access to all of it. */
export interface KvFolder {
  readonly kv: Pick<KvEngine, "path">;
  /** Name below the mount; it covers everything that begins with it and a slash. @default - the whole store */
  readonly folder?: string;
  /** Why all of it, in one line: it is written into the policy. */
  readonly because: string;
}

/**
 * Rules for whoever reads a secret's value.
 * @returns Rules for a policy.
 */
export function readSecret({ dataPath }: Pick<KvSecret, "dataPath">): PolicyRuleArgs[] {
  return [{ path: dataPath, capabilities: ["read"] }];
}

/**
 * Rules for whoever reads all secrets of a store or a folder, and sees their names and dates.
 * @returns Rules for a policy.
 * @throws {RangeError} When the folder is a pattern or an API path.
 */
export function readFolder(folder: KvFolder): PolicyRuleArgs[] {
  return folderRules(folder, ["read"]);
}

/**
 * Rules for whoever also writes secrets of a store or a folder. Others can restore a value that was deleted; these
 * rules let nobody destroy one.
 * @returns Rules for a policy.
 * @throws {RangeError} When the folder is a pattern or an API path.
 */
export function writeFolder(folder: KvFolder): PolicyRuleArgs[] {
  return folderRules(folder, ["create", "read", "update", "patch", "delete"]);
}

function folderRules(
  { kv, folder, because }: KvFolder,
  capabilities: PolicyRuleArgs["capabilities"],
): PolicyRuleArgs[] {
  if (folder !== undefined && kvSecretNameFaults("folder", folder).length > 0) {
    throw new RangeError(fault("folder", "must be a name below the mount", folder, "leave out slashes at its ends"));
  }
  const all = folder === undefined ? "*" : `${folder}/*`;
  return [
    { path: pulumi.interpolate`${kv.path}/data/${all}`, capabilities, because },
    { path: pulumi.interpolate`${kv.path}/metadata/${all}`, capabilities: ["read", "list"], because },
  ];
}
