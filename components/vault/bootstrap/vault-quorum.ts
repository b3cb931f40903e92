import * as pulumi from "@pulumi/pulumi";
import { type ArgsOf, ProtocolResource } from "../../shared/protocol-resource.ts";
import type { QuorumInputs } from "../../../protocol/raft/quorum-properties.ts";

/** What the proof of a quorum needs to know. */
export type VaultQuorumArgs = ArgsOf<QuorumInputs>;

/**
 * The proof that a cluster of servers can tolerate losses: each pod votes, one leads, and the cluster reports itself
 * healthy. Being unsealed is not enough, since a server votes only once it has been stable for some seconds.
 *
 * create and update → wait until it holds; diff → ask the leader; read → no change; delete → nothing.
 * @example new VaultQuorum("vault-quorum", { target, clusterId: unseal.clusterId, ...login }, { parent: this });
 */
export class VaultQuorum extends ProtocolResource {
  /** Servers that vote. */
  declare public readonly voters: pulumi.Output<string[]>;
  /** How many servers may be lost before the cluster stops. */
  declare public readonly failureTolerance: pulumi.Output<number>;

  public constructor(name: string, args: VaultQuorumArgs, opts?: pulumi.CustomResourceOptions) {
    super(
      name,
      {
        type: "vault:Quorum",
        inputs: args,
        outputs: ["voters", "failureTolerance"],
        secrets: ["roleId", "secretId"],
      },
      opts,
    );
  }
}
