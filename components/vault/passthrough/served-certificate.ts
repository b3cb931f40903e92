import * as pulumi from "@pulumi/pulumi";
import { type ArgsOf, ProtocolResource } from "../../shared/protocol-resource.ts";
import type {
  ServedCertificateInputs,
  ServedCertificateOutputs,
} from "../../../protocol/certificate/served-certificate.ts";

/** What is compared. */
export type ServedCertificateArgs = ArgsOf<ServedCertificateInputs>;

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
        inputs: args,
        outputs: ["passesThrough"],
      },
      opts,
    );
  }
}
