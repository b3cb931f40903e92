import { isTransient, KubeError } from "../../kube/kube-error.ts";
import { openKeyring, type EscrowInputs } from "../keys/escrow.ts";
import type { EncryptedText, KeysRecord } from "../keys/keys-record.ts";
import { readKeys, writeKeys } from "../keys/keys-secret.ts";
import type { ProtocolContext } from "../frame/protocol-context.ts";
import type { VaultTarget } from "../frame/vault-target.ts";

/** Where a root token is kept while it lives, and by which escrow key the record there is proved. */
export interface RootKeeper {
  readonly context: ProtocolContext;
  readonly inputs: EscrowInputs & { readonly target: VaultTarget; readonly keysSecret: string };
}

/**
 * Keeps a root token in the keys Secret, in the form in which Vault gave it.
 *
 * @returns what the Secret says then; null when it holds no keys that can be read.
 */
export function keepRootToken(keeper: RootKeeper, rootToken: EncryptedText | null): Promise<KeysRecord | null> {
  return editRecord(keeper, (record) => ({ ...record, rootToken }));
}

/** Takes it out again. */
export async function forgetRootToken(keeper: RootKeeper): Promise<void> {
  await editRecord(keeper, (record) => (record.rootToken === null ? record : { ...record, rootToken: null }));
}

/** Changes the record as it is now, and does so again whenever somebody else writes in between. */
async function editRecord(
  { context, inputs }: RootKeeper,
  edit: (record: KeysRecord) => KeysRecord,
): Promise<KeysRecord | null> {
  const { namespace } = inputs.target;
  const { current } = await openKeyring(inputs);
  const deadline = context.clock.now() + context.timings.store;
  for (;;) {
    try {
      const { parsed, resourceVersion } = await readKeys(context.kube, namespace, inputs.keysSecret);
      if (parsed.kind !== "keys") return null;
      const edited = edit(parsed.record);
      if (edited !== parsed.record) {
        await writeKeys({ kube: context.kube, namespace, name: inputs.keysSecret }, edited, resourceVersion, current);
      }
      return edited;
    } catch (error) {
      const again = isTransient(error) || (error instanceof KubeError && error.kind === "conflict");
      if (!again || context.clock.now() > deadline) throw error;
    }
    await context.clock.sleep(context.timings.poll);
  }
}
