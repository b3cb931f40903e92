import * as pulumi from "@pulumi/pulumi";
import type { KeyCustody } from "./key-custody.ts";
import { ProtocolResource } from "../../shared/protocol-resource.ts";
import type { VaultTarget } from "../../../protocol/frame/vault-target.ts";
import { keysSecretName } from "./vault-bootstrap.ts";

/** What removing servers needs to know. */
export interface VaultScaleDownArgs {
  /** The pods that stay; resolves once the certificate they are verified with is known. */
  readonly target: pulumi.Input<VaultTarget>;
  /** Who can decrypt the keys: a root token that lives for seconds is generated from them. */
  readonly custody: Pick<KeyCustody, "escrowPrivateKey" | "escrowPreviousPrivateKey">;
}

/**
 * Removes servers from a cluster before their pods are deleted, so that a smaller cluster tolerates the losses its size
 * allows. The server depends on it. Nothing happens while there are no more pods than servers.
 *
 * create and update → remove the surplus servers and their data; diff → count the pods; read → no change; delete →
 * nothing.
 * @example
 * const scaleDown = new VaultScaleDown("vault-scale-down", { target, custody }, { deletedWith: namespace });
 */
export class VaultScaleDown extends ProtocolResource {
  /** Names of the servers that stay. */
  declare public readonly remaining: pulumi.Output<string[]>;

  public constructor(name: string, { target, custody }: VaultScaleDownArgs, opts?: pulumi.CustomResourceOptions) {
    const { escrowPrivateKey, escrowPreviousPrivateKey } = custody;
    super(
      name,
      {
        type: "vault:ScaleDown",
        inputs: {
          target,
          keysSecret: keysSecretName,
          escrowPrivateKey,
          ...(escrowPreviousPrivateKey !== undefined && { escrowPreviousPrivateKey }),
        },
        outputs: ["remaining"],
        secrets: ["escrowPrivateKey", "escrowPreviousPrivateKey"],
      },
      opts,
    );
  }
}
