import { setTimeout as delay } from "node:timers/promises";
import { PluginError } from "../shared/errors.ts";
import { textAt, type JsonObject } from "../shared/property.ts";
import type { Call } from "./vault-http.ts";
import { VaultError } from "./vault-error.ts";
import type { VaultSession } from "./vault-session.ts";

/** What Vault says of a mount (`sys/mounts/<path>`, `sys/auth/<path>`), or undefined when there is none. */
export async function findMount(vault: VaultSession, path: string, call: Call): Promise<JsonObject | undefined> {
  try {
    return await vault.read(path, call);
  } catch (error) {
    const isMissing = error instanceof VaultError && error.errors.some((text) => /^No (secret|auth) engine/.test(text));
    if (isMissing) return undefined;
    throw error;
  }
}

/**
 * Moves a mount with all its data. Vault does it in the background.
 * @throws PluginError when Vault gives up
 */
export async function moveMount(vault: VaultSession, from: string, to: string, call: Call): Promise<void> {
  const id = textAt(await vault.write("sys/remount", { from, to }, call), "migration_id");
  for (;;) {
    const status = await vault.read(`sys/remount/status/${id}`, call);
    const info = status?.["migration_info"];
    const progress = typeof info === "object" && info !== null && !Array.isArray(info) ? info["status"] : undefined;
    if (progress === "success") return;
    if (progress === "failure") {
      throw new PluginError(`path: must be movable from ${from} to ${to}, got a failure; see the log of Vault`);
    }
    await delay(movePollMilliseconds, undefined, { signal: call.signal });
  }
}

const movePollMilliseconds = 250;
