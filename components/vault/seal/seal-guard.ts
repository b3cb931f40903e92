import * as pulumi from "@pulumi/pulumi";
import { connectKube } from "../../../kube/kube-client.ts";
import { quickLook } from "../../../protocol/frame/quick-look.ts";
import { sealOf } from "../../../protocol/keys/keys-record.ts";
import { readKeys } from "../../../protocol/keys/keys-secret.ts";
import { placeOf } from "../../../protocol/frame/protocol-context.ts";
import { sealChange } from "../../../protocol/stops/runbooks.ts";
import type { VaultTarget } from "../../../protocol/frame/vault-target.ts";
import type { Sealing } from "./seal-config.ts";

/**
 * Ends the run when the program asks for a seal other than the one that keeps Vault's root key.
 *
 * Must come before any resource of Vault is declared: once the pods were started with another seal, none could be
 * unsealed. The keys Secret records which seal it is, whatever the pods do. Where it cannot be read, the run goes on:
 * it fails at the cluster.
 * @param keysSecret Name of the Secret with the encrypted keys.
 * @param sealing The seal asked for, and the one the root key may be moved from.
 * @throws {pulumi.RunError} With the way out, when the seals differ.
 */
export async function requireSameSeal(target: VaultTarget, keysSecret: string, sealing: Sealing): Promise<void> {
  const stored = await quickLook(async () =>
    readKeys(await connectKube(target.kubeContext), target.namespace, keysSecret),
  );
  if (stored?.parsed.kind !== "keys") return;
  const current = sealOf(stored.parsed.record);
  const { seal, previousSeal } = sealing;
  if (current === seal.kind || current === previousSeal?.kind) return;
  throw new pulumi.RunError(sealChange(placeOf(target, keysSecret), current, seal.kind).message);
}
