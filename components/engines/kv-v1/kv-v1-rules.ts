import * as pulumi from "@pulumi/pulumi";
import type { PolicyRuleArgs } from "../../access/policy.ts";
import { fault } from "../../../shared/errors.ts";
import { type KvV1Engine, kvV1NameFaults, type KvV1Secret } from "./kv-v1.ts";

/** A part of a store, and the reason for access to all of it. */
export interface KvV1Folder {
  readonly kv: Pick<KvV1Engine, "path">;
  /** Name below the mount; it covers everything that begins with it and a slash. @default - the whole store */
  readonly folder?: string;
  /** Why all of it, in one line: it is written into the policy. */
  readonly because: string;
}

/**
 * Rules for whoever reads a secret's value.
 * @returns Rules for a policy.
 */
export function readV1Secret({ valuePath }: Pick<KvV1Secret, "valuePath">): PolicyRuleArgs[] {
  return [{ path: valuePath, capabilities: ["read"] }];
}

/**
 * Rules for whoever reads all secrets of a store or a folder, and sees their names.
 * @returns Rules for a policy.
 * @throws {RangeError} When the folder is a pattern, or one that Pulumi's own login can reach.
 */
export function readV1Folder(folder: KvV1Folder): PolicyRuleArgs[] {
  return folderRules(folder, ["read", "list"]);
}

/**
 * Rules for whoever also writes secrets of a store or a folder. What is deleted or overwritten is gone.
 * @returns Rules for a policy.
 * @throws {RangeError} When the folder is a pattern, or one that Pulumi's own login can reach.
 */
export function writeV1Folder(folder: KvV1Folder): PolicyRuleArgs[] {
  return folderRules(folder, ["create", "read", "update", "delete", "list"]);
}

function folderRules(
  { kv, folder, because }: KvV1Folder,
  capabilities: PolicyRuleArgs["capabilities"],
): PolicyRuleArgs[] {
  if (folder !== undefined && kvV1NameFaults("folder", folder).length > 0) {
    throw new RangeError(fault("folder", "must be a name below the mount", folder, "leave out slashes at its ends"));
  }
  return [{ path: pulumi.interpolate`${kv.path}/${folder === undefined ? "" : `${folder}/`}*`, capabilities, because }];
}
