import { isIP } from "node:net";
import type * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";
import { commonNameOf } from "../../shared/common-name.ts";

/** A certificate with its key. */
export interface ServerCertificate {
  /** PEM; it is trusted directly. */
  readonly pem: pulumi.Output<string>;
  /** PEM; secret. */
  readonly key: pulumi.Output<string>;
}

// Nothing renews it: the server and those who trust it get a new one when it is removed from the state.
const certificateHours = 10 * 365 * 24;

/**
 * Makes a key with a certificate that is trusted directly, so that no authority can vouch for another server.
 * @param name Name of the server, prefix of the resources.
 * @param hosts Names and addresses by which it is reached.
 */
export function createServerCertificate(
  name: string,
  hosts: readonly string[],
  opts: pulumi.CustomResourceOptions,
): ServerCertificate {
  const key = new tls.PrivateKey(`${name}-key`, { algorithm: "ECDSA", ecdsaCurve: "P256" }, opts);
  const certificate = new tls.SelfSignedCert(
    `${name}-certificate`,
    {
      privateKeyPem: key.privateKeyPem,
      subject: commonNameOf(name),
      dnsNames: hosts.filter((host) => isIP(host) === 0),
      ipAddresses: hosts.filter((host) => isIP(host) !== 0),
      allowedUses: ["digital_signature", "server_auth"],
      validityPeriodHours: certificateHours,
    },
    opts,
  );
  return { pem: certificate.certPem, key: key.privateKeyPem };
}
