import type { Provider, ResourceType } from "../shared/provider.ts";
import { certRequest } from "./cert-request.ts";
import { locallySignedCert } from "./locally-signed-cert.ts";
import { privateKey } from "./private-key.ts";
import { selfSignedCert } from "./self-signed-cert.ts";

/**
 * Stand-in of the official TLS provider: keys, certificate requests and certificates that live in the state alone.
 * @param now the current time: certificates begin at it, and renewal is judged by it
 */
export function tlsProvider(now: () => Date): Provider {
  const types: Readonly<Record<string, ResourceType>> = {
    "tls:index/privateKey:PrivateKey": privateKey,
    "tls:index/certRequest:CertRequest": certRequest,
    "tls:index/selfSignedCert:SelfSignedCert": selfSignedCert(now),
    "tls:index/locallySignedCert:LocallySignedCert": locallySignedCert(now),
  };
  return {
    name: "tls",
    version: "5.6.1",
    config: { properties: {}, configure: () => undefined },
    resourceType: (token) => types[token],
  };
}
