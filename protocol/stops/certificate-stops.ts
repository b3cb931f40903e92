import { at, type Place, type ProtocolStop, stop } from "./runbooks.ts";

/** A client that connects through the host does not reach Vault's own TLS. */
export function noPassthrough(host: string, entrance: string, found: string): ProtocolStop {
  return stop("tls-passthrough", {
    happened: `${host} must lead to Vault's own certificate, but ${found} (asked at ${entrance}).`,
    untouched: "Vault itself is not affected, and nothing was changed.",
    ways: [
      "let whatever serves this host pass TLS through by its server name instead of ending it, and run `up` again",
      "when this machine cannot reach the host, say where it can with `passthrough.proof`, or that nobody asks",
    ],
  });
}

/** The pods still serve another certificate than the one they were given. */
export function staleCertificate(place: Place, secret: string, found: string): ProtocolStop {
  return stop("stale-certificate", {
    happened: `each pod of Vault ${at(place)} must serve the certificate of the Secret ${secret}, but ${found}.`,
    untouched: "Vault goes on with the certificate it has.",
    ways: [
      `see what Vault says of the new one (\`kubectl --namespace ${place.namespace} logs ${place.statefulSet}-0 -c vault\`) and whether it is told of it (\`-c certificate-reload\`), remove the cause and run \`up\` again`,
    ],
  });
}
