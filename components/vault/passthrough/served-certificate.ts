import * as pulumi from "@pulumi/pulumi";
import { type ArgsOf, ProtocolResource } from "../../shared/protocol-resource.ts";
import type { ServedCertificateInputs } from "../../../protocol/certificate/served-certificate.ts";

/** What is compared. */
export type ServedCertificateArgs = ArgsOf<ServedCertificateInputs>;

/**
 * The proof that a client which asks for a host is served Vault's own certificate: nobody in between reads along. With
 * the entrance `pods`, the proof that each pod serves the certificate it was given: a renewed one has been reloaded.
 *
 * create and update → wait until it is so, else fail; diff and read → check, change nothing; delete → nothing. A proxy
 * that later starts to terminate TLS shows as an update in a preview, and `up` says what is wrong.
 * @example new ServedCertificate("vault-served", { target, host, entrance }, { parent: this, dependsOn: [route] });
 */
export class ServedCertificate extends ProtocolResource {
  /** False once a refresh has seen a certificate other than the one that must be served. */
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
