import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { childOptions, componentOptions } from "../../shared/child-options.ts";
import { rejectFaults } from "../../../shared/errors.ts";
import { standardLabels } from "../../../shared/labels.ts";
import {
  gatewayObject,
  ingressRouteTcp,
  nginxIngress,
  passthroughFaults,
  tlsRoute,
  type GatewayChoice,
  type GatewayReference,
  type PassthroughArgs,
} from "./passthrough-objects.ts";
import { proofEntrance, proofFaults, type PassthroughProof } from "./passthrough-proof.ts";
import { ServedCertificate } from "./served-certificate.ts";

/** How clients from outside reach Vault. */
export interface TlsPassthroughArgs extends PassthroughArgs {
  /** Proof that it works, which a machine without a route to the proxy cannot give. */
  readonly proof: PassthroughProof;
}

/**
 * The way from outside the cluster to Vault, by the server name (SNI) in the client's TLS handshake: the proxy sees no
 * more than that name, and the certificate is Vault's own. A client that asks for another name gets nothing.
 *
 * - `gateway`: a Gateway of its own, unless an existing one is named, and a TLSRoute; `up` waits until both are served;
 * - `traefik`: an IngressRouteTCP;
 * - `nginx`: an Ingress for ingress-nginx.
 *
 * Only the first was run against its controller; the other two are rendered according to their manuals, and proven
 * where they run. The route lives in the backend's namespace. Give it `dependsOn` what makes the backend serve: only
 * the proof waits for it.
 * @example
 * const adapter = { kind: "gateway", gateway: { kind: "own", className: "eg" } } as const;
 * const backend = { namespace: "vault", service: "vault-active", port: 8200 };
 * new TlsPassthrough("vault", { host: "vault.example.com", adapter, backend, proof: { kind: "reported", target } });
 */
export class TlsPassthrough extends pulumi.ComponentResource {
  /** Base URL of Vault for clients; resolves once it is proven, or, without a proof, once the route exists. */
  public readonly url: pulumi.Output<string>;

  public constructor(name: string, args: TlsPassthroughArgs, opts?: pulumi.ComponentResourceOptions) {
    super("vaultstack:vault:TlsPassthrough", name, {}, componentOptions(opts));
    rejectFaults(this, tlsPassthroughFaults(args));
    const child = childOptions(this, opts);
    // A data plane takes a while to start, and can do so while the backend starts.
    const build: Build = { name, args, child: { ...child, dependsOn: [] } };

    const route = createRoute(build);
    const proof = createProof({ ...build, child }, route);

    this.url = (proof ?? route.object).urn.apply(() => passthroughUrl(args));
    this.registerOutputs({ url: this.url });
  }
}

/** Every fault of a passthrough's arguments. */
export function tlsPassthroughFaults(args: TlsPassthroughArgs): string[] {
  return [...passthroughFaults(args), ...proofFaults(args.proof)];
}

/** What the functions below share. */
interface Build {
  readonly name: string;
  readonly args: TlsPassthroughArgs;
  readonly child: pulumi.CustomResourceOptions;
}

/** A route and the Gateway it belongs to, if it belongs to one. */
interface Route {
  readonly object: pulumi.CustomResource;
  readonly gateway: GatewayReference | null;
}

function createRoute(build: Build): Route {
  const { name, args, child } = build;
  const { adapter } = args;
  switch (adapter.kind) {
    case "gateway": {
      const gateway = gatewayReference(build, adapter.gateway);
      return {
        object: new k8s.apiextensions.CustomResource(name, tlsRoute(metaOf(build), args, gateway), child),
        gateway,
      };
    }
    case "traefik": {
      const object = ingressRouteTcp(metaOf(build), args, adapter.entryPoints);
      return { object: new k8s.apiextensions.CustomResource(name, object, child), gateway: null };
    }
    case "nginx": {
      const ingress = nginxIngress(metaOf(build), args, adapter.className);
      return { object: new k8s.networking.v1.Ingress(name, ingress, child), gateway: null };
    }
  }
}

function gatewayReference(build: Build, choice: GatewayChoice): GatewayReference {
  if (choice.kind === "existing") return choice;
  const { name, args, child } = build;
  const own = new k8s.apiextensions.CustomResource(
    `${name}-gateway`,
    gatewayObject(metaOf(build), args.host, choice),
    child,
  );
  return { namespace: args.backend.namespace, name: own.metadata.name };
}

function createProof({ name, args, child }: Build, route: Route): ServedCertificate | null {
  const { proof, host } = args;
  if (proof.kind === "none") return null;
  const entrance = proofEntrance(proof, host, route.gateway);
  return new ServedCertificate(
    `${name}-served`,
    { target: proof.target, host, entrance },
    pulumi.mergeOptions(child, { dependsOn: [route.object] }),
  );
}

function metaOf({ name, args }: Build): k8s.types.input.meta.v1.ObjectMeta {
  const labels = standardLabels({ name: "vault", instance: name, component: "passthrough" });
  return { name, namespace: args.backend.namespace, labels };
}

function passthroughUrl({ host, adapter }: TlsPassthroughArgs): string {
  const port = adapter.kind === "gateway" && adapter.gateway.kind === "own" ? adapter.gateway.port : undefined;
  return port === undefined || port === 443 ? `https://${host}` : `https://${host}:${port}`;
}
