import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

const stateFile = "state.json";
const settingsFile = "settings.json";

const place = z.array(z.string());
const copiedSettings = z.object({
  copyVersion: z.literal(1),
  settings: z.array(z.object({ place, value: z.string(), fingerprint: z.string() })),
});

/** What stands for a secret setting in a copy, and which encrypted value it stood for when the copy was made. */
export type CopiedSetting = z.infer<typeof copiedSettings>["settings"][number];

/** A copy of a stack as it lies in a folder. */
export interface StoredCopy {
  /** The state as `pulumi stack export` writes it: secrets encrypted by the passphrase of previews. */
  readonly state: string;
  readonly settings: readonly CopiedSetting[];
}

/**
 * Writes a copy.
 * @param folder Where to; made when it is not there.
 */
export function writeCopy(folder: string, { state, settings }: StoredCopy): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(join(folder, stateFile), state, { mode: 0o600 });
  writeFileSync(join(folder, settingsFile), JSON.stringify({ copyVersion: 1, settings }, null, 2), { mode: 0o600 });
}

/**
 * Reads a copy.
 * @returns Null when there is none.
 */
export function readCopy(folder: string): StoredCopy | null {
  if (!existsSync(join(folder, stateFile))) return null;
  const { settings } = copiedSettings.parse(JSON.parse(readFileSync(join(folder, settingsFile), "utf8")));
  return { state: readFileSync(join(folder, stateFile), "utf8"), settings };
}
