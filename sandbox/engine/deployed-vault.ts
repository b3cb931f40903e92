import { existsSync, readdirSync, readFileSync } from "node:fs";
import { isIP } from "node:net";
import { basename, join } from "node:path";

import { parse } from "yaml";
import { z } from "zod";

import { gatewayPort, nodeAddress } from "../cluster/addresses.ts";
import type { Project, VaultAddress } from "../project.ts";
import type { EngineLayout } from "./layout.ts";

/** A Vault that a stack of the sandbox has brought up, by the stack's own outputs. */
export interface DeployedVault extends VaultAddress {
  readonly stack: string;
}

const checkpoint = z.object({
  checkpoint: z.object({
    latest: z
      .object({
        resources: z
          .array(z.object({ type: z.string(), outputs: z.record(z.string(), z.unknown()).optional() }))
          .optional(),
      })
      .nullish(),
  }),
});

/**
 * The stacks of the sandbox whose last run left a Vault, read from the files of their backend: asking the engine would
 * take a second for each.
 * @param layout Files of the sandbox's engine.
 * @param vaultOf Finds a Vault among a stack's outputs.
 * @returns One for each such stack.
 */
export function deployedVaults(layout: EngineLayout, vaultOf: Project["vault"]): DeployedVault[] {
  const project = z
    .object({ name: z.string() })
    .parse(parse(readFileSync(join(layout.project, "Pulumi.yaml"), "utf8")));
  const folder = join(layout.backend, ".pulumi", "stacks", project.name);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((file) => file.endsWith(".json"))
    .flatMap((file) => {
      const vault = vaultOf(outputsOf(readFileSync(join(folder, file), "utf8")));
      return vault === undefined ? [] : [{ stack: basename(file, ".json"), ...vault }];
    });
}

function outputsOf(text: string): unknown {
  const state = checkpoint.safeParse(jsonOf(text)).data?.checkpoint.latest;
  return state?.resources?.find(({ type }) => type === "pulumi:pulumi:Stack")?.outputs;
}

/** A run that is under way may be writing it. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/**
 * The Vault a shell is meant for.
 * @param vaults Those there are.
 * @param stack Whose it is to be; undefined for whichever is up.
 * @param preferred Stacks to choose from first, since there is one such Vault at a time.
 * @returns The Vault; undefined where there is none, or where nothing says which.
 */
export function chooseVault(
  vaults: readonly DeployedVault[],
  stack: string | undefined,
  preferred: readonly string[],
): DeployedVault | undefined {
  const named = (wanted: string): DeployedVault | undefined => vaults.find((vault) => vault.stack === wanted);
  if (stack !== undefined) return named(stack);
  return preferred.map(named).find((vault) => vault !== undefined) ?? (vaults.length === 1 ? vaults[0] : undefined);
}

/**
 * The variables under which Vault's command line speaks to it.
 * @param caFile Path of a file with its authorities.
 * @returns The variables; undefined for one that can be reached only while a run holds the way to it open.
 */
export function vaultVariables(vault: DeployedVault, caFile: string): Record<string, string> | undefined {
  const { hostname, protocol } = new URL(vault.address);
  if (hostname === "127.0.0.1") return undefined;
  if (protocol === "http:") return { VAULT_ADDR: vault.address };
  // Nobody answers for a name of the sandbox's gateway, which chooses by the name that is asked for.
  return isIP(hostname) === 0
    ? { VAULT_ADDR: `https://${nodeAddress}:${gatewayPort}`, VAULT_CACERT: caFile, VAULT_TLS_SERVER_NAME: hostname }
    : {
        VAULT_ADDR: vault.address,
        VAULT_CACERT: caFile,
        VAULT_TLS_SERVER_NAME: new URL(vault.internalAddress).hostname,
      };
}
