import { decrypt, readMessage, readPrivateKey } from "openpgp";
import type { KeysRecord } from "../../protocol/keys/keys-record.ts";
import type { EscrowPair } from "./escrow-key.ts";
import { storedRecord } from "./fault-walk.ts";
import type { VaultWorld } from "./vault-world.ts";

/** What a person does with `gpg --decrypt` and the messages for them. */
export async function sharesOf(person: EscrowPair, messages: KeysRecord["shares"]): Promise<string[]> {
  const decryptionKeys = await readPrivateKey({ armoredKey: person.privateKey });
  const own = messages.filter(({ recipient }) => recipient === person.fingerprint);
  return Promise.all(
    own.map(async ({ message }) => {
      const opened = await decrypt({
        message: await readMessage({ binaryMessage: Buffer.from(message, "base64") }),
        decryptionKeys,
      });
      return String(opened.data);
    }),
  );
}

/** The keys in the Secret, which must be there. */
export function keysOf(world: VaultWorld): KeysRecord {
  const stored = storedRecord(world);
  if (stored.kind !== "keys") throw new Error(`the Secret must hold keys, got ${stored.kind}`);
  return stored.record;
}

/** Gives the shares of these people to the rekey under way, of the keys in use or of those that wait to be shown. */
export async function giveShares(
  world: VaultWorld,
  people: readonly EscrowPair[],
  messages: KeysRecord["shares"],
): Promise<void> {
  for (const person of people) await world.vault.rekey.give(world.vault.storage, await sharesOf(person, messages));
}

/** What every Secret of the cluster says now, as one text. */
function secretTexts(world: VaultWorld): string {
  return [...world.kube.objects]
    .filter(([key]) => key.startsWith("secrets/"))
    .map(([, secret]) => {
      const data = (secret["data"] ?? {}) as Record<string, string>;
      return Buffer.from(data["record.json"] ?? "", "base64").toString();
    })
    .join("\n");
}

/** Sets of keys that were ever in use and stand, encrypted, neither in a Secret nor in the state now. */
export function unreachableSets(world: VaultWorld): (readonly string[])[] {
  const texts = `${secretTexts(world)}\n${world.stack.state.init?.unsavedKeys ?? ""}`;
  const sets = world.vaults.flatMap(({ initialSets, rekey }) => [...initialSets, ...rekey.taken]);
  return sets.filter((messages) => !messages.every((message) => texts.includes(message)));
}

/** Whether each of these shares stands, encrypted, in some Secret. */
export function areKept(world: VaultWorld, shares: KeysRecord["shares"]): boolean {
  const texts = secretTexts(world);
  return shares.every(({ message }) => texts.includes(message));
}
