import * as pulumi from "@pulumi/pulumi";
import { ProtocolResource } from "../../shared/protocol-resource.ts";
import type {
  Entrance,
  ServedCertificateInputs,
  ServedCertificateOutputs,
} from "../../../protocol/certificate/served-certificate.ts";
import { PROTOCOL_VERSION, type VaultTarget } from "../../../protocol/types.ts";

/** What is compared. */
export interface ServedCertificateArgs {
  /** The pods of the Vault, whose certificates are the right ones. */
  readonly target: pulumi.Input<VaultTarget>;
  /** Server name a client asks for. */
  readonly host: string;
  /** Where it is asked for, as this machine reaches it. */
  readonly entrance: pulumi.Input<Entrance>;
}

/**
 * The proof that a client which asks for a host is served Vault's own certificate: nobody between them reads along. With
 * the entrance `pods`, that each pod serves the certificate it was given: a renewed one has been reloaded.
 *
 * create and update → wait until it is so, else fail; diff and read → look, change nothing; delete → nothing. A proxy
 * that begins to end TLS later shows as an update in a preview, and `up` says what is wrong.
 * @example new ServedCertificate("vault-served", { target, host, entrance }, { parent: this, dependsOn: [route] });
 */
export class ServedCertificate extends ProtocolResource<ServedCertificateInputs, ServedCertificateOutputs> {
  /** False once a refresh has seen another certificate than the one that must be served. */
  declare public readonly passesThrough: pulumi.Output<boolean>;

  public constructor(name: string, args: ServedCertificateArgs, opts?: pulumi.CustomResourceOptions) {
    super(
      name,
      {
        type: "vault:ServedCertificate",
        inputs: { ...args, protocolVersion: PROTOCOL_VERSION.servedCertificate },
        outputs: ["passesThrough"],
      },
      opts,
    );
  }
}
