import { makeEscrowKeyPair } from "../escrow-key.ts";
import type { StackCall } from "./call.ts";
import { type CopiedSetting, readCopy } from "./copy-files.ts";
import { type SecureSetting, secureSettings, settingPath, withoutSecure } from "./secure-settings.ts";
import { inThrowawayBackend, type ThrowawayBackend } from "./throwaway-backend.ts";

/** A stack as its copy shows it. */
export interface PreviewStack extends ThrowawayBackend {
  /** What a preview cannot show, for people. */
  readonly notes: readonly string[];
}

/**
 * Does something with a stack's copy, under the plain settings of this checkout. Its secrets are those of the copy; a
 * setting whose secret has changed since has the copy's too.
 * @param call Environment, with the passphrase of previews, and settings.
 * @param folder Where the copy is; without one, the stack does not exist yet.
 */
export async function withPreviewStack<Result>(
  stack: string,
  { env, config }: StackCall,
  folder: string,
  work: (preview: PreviewStack) => Promise<Result>,
): Promise<Result> {
  const copy = readCopy(folder);
  const secure = secureSettings(config);
  const placeholders = await placeholdersFor(secure, copy?.settings ?? []);
  return inThrowawayBackend(stack, withoutSecure(config), env, async (backend) => {
    if (placeholders.length > 0) {
      const words = placeholders.flatMap(([path, value]) => ["--secret", `${path}=${value}`]);
      backend.pulumi(["config", "set-all", "--stack", stack, "--path", ...words]);
    }
    if (copy !== null) backend.pulumi(["stack", "import", "--stack", stack], copy.state);
    return work({ ...backend, notes: notes(stack, secure, copy?.settings ?? null) });
  });
}

function notes(stack: string, secure: readonly SecureSetting[], copied: readonly CopiedSetting[] | null): string[] {
  if (copied === null) return [`stack ${stack} has no copy yet: the preview is that of one which does not exist`];
  const known = new Map(copied.map(({ place, fingerprint }) => [settingPath(place), fingerprint]));
  return secure
    .filter(({ place, fingerprint }) => known.get(settingPath(place)) !== fingerprint)
    .map(({ place }) => `${settingPath(place)}: another secret than in the copy; the preview shows nothing of it`);
}

/** None of them is secret: they may be arguments of a process. */
async function placeholdersFor(
  secure: readonly SecureSetting[],
  copied: readonly CopiedSetting[],
): Promise<[path: string, value: string][]> {
  const known = new Map(copied.map(({ place, value }) => [settingPath(place), value]));
  const { privateKey } = await makeEscrowKeyPair("previews");
  return secure.map(({ place }) => {
    const path = settingPath(place);
    return [path, known.get(path) ?? (path.endsWith("PrivateKey") ? privateKey : "not-the-secret-yet")];
  });
}
