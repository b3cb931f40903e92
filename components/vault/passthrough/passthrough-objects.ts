import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { fault } from "../../../shared/errors.ts";
import { isDnsName } from "../../../shared/host.ts";
import { isLabel, isSubdomain } from "../../../shared/kubernetes-name.ts";

/** A Gateway of the Gateway API that the route belongs to. */
export type GatewayChoice =
  | {
      /** A separate one, only for this host. */
      readonly kind: "own";
      /** GatewayClass of the controller that runs it; list them with `kubectl get gatewayclasses`. */
      readonly className: string;
      /** Port that clients connect to. @default 443 */
      readonly port?: number | undefined;
    }
  | {
      /**
       * An existing one. It must have a listener of protocol TLS and mode Passthrough that accepts the host, and must
       * admit routes from Vault's namespace.
       */
      readonly kind: "existing";
      readonly namespace: string;
      readonly name: string;
      /** Name of the listener. @default - every one that fits */
      readonly listener?: string | undefined;
    };

/** The kind of objects by which the proxy at the edge of the cluster learns of the route. */
export type PassthroughAdapter =
  | {
      /** Gateway API: a `TLSRoute` v1, which any conforming controller serves. */
      readonly kind: "gateway";
      readonly gateway: GatewayChoice;
    }
  | {
      /** Traefik's own `IngressRouteTCP`. */
      readonly kind: "traefik";
      /** Entry points of Traefik that accept the host. @default ["websecure"] */
      readonly entryPoints?: readonly string[] | undefined;
    }
  | {
      /**
       * An `Ingress` with annotations of ingress-nginx. Its controller must run with `--enable-ssl-passthrough`;
       * without it, the controller terminates TLS itself, which only the proof notices.
       */
      readonly kind: "nginx";
      /** IngressClass of the controller. @default "nginx" */
      readonly className?: string | undefined;
    };

/** The Service that TLS is passed to, by the names it has once it exists. */
export interface PassthroughBackend {
  readonly namespace: pulumi.Input<string>;
  readonly service: pulumi.Input<string>;
  readonly port: number;
}

/** What a route is made from. */
export interface PassthroughArgs {
  readonly host: string;
  readonly adapter: PassthroughAdapter;
  readonly backend: PassthroughBackend;
}

const defaultGatewayPort = 443;
const defaultEntryPoints = ["websecure"] as const;
const defaultIngressClass = "nginx";

/** Every fault of a route's arguments. */
export function passthroughFaults({ host, adapter, backend }: PassthroughArgs): string[] {
  return [...hostFaults(host), ...adapterFaults(adapter), ...portFaults("backend.port", backend.port)];
}

function hostFaults(host: string): string[] {
  if (isHost(host)) return [];
  const remedy = "write it as vault.example.com, without scheme and port";
  return [
    fault("host", "must be one DNS name in lower-case letters, since TLS carries no address as name", host, remedy),
  ];
}

/** IP addresses cannot be server names (RFC 6066), and nobody could request a certificate for a wildcard. */
function isHost(host: string): boolean {
  return isDnsName(host) && host === host.toLowerCase();
}

function adapterFaults(adapter: PassthroughAdapter): string[] {
  switch (adapter.kind) {
    case "gateway":
      return gatewayFaults(adapter.gateway);
    case "traefik": {
      const { entryPoints = defaultEntryPoints } = adapter;
      if (entryPoints.length > 0 && entryPoints.every((name) => /^[\w-]+$/.test(name))) return [];
      return [fault("adapter.entryPoints", "must name entry points of Traefik", entryPoints, 'use ["websecure"]')];
    }
    case "nginx":
      return nameFaults(
        "adapter.className",
        adapter.className ?? defaultIngressClass,
        "an ingress class",
        "ingressclass",
      );
  }
}

function gatewayFaults(gateway: GatewayChoice): string[] {
  switch (gateway.kind) {
    case "own":
      return [
        ...nameFaults("adapter.gateway.className", gateway.className, "a gateway class", "gatewayclass"),
        ...portFaults("adapter.gateway.port", gateway.port ?? defaultGatewayPort),
      ];
    case "existing":
      return [
        ...namespaceFaults("adapter.gateway.namespace", gateway.namespace),
        ...nameFaults("adapter.gateway.name", gateway.name, "a Gateway", "gateway --all-namespaces"),
        ...(gateway.listener === undefined
          ? []
          : nameFaults("adapter.gateway.listener", gateway.listener, "a listener", "gateway --output=yaml")),
      ];
  }
}

function namespaceFaults(path: string, name: string): string[] {
  if (isLabel(name)) return [];
  return [fault(path, "must be the name of a namespace", name, "list them with `kubectl get namespace`")];
}

function nameFaults(path: string, name: string, what: string, list: string): string[] {
  if (isSubdomain(name)) return [];
  return [fault(path, `must be the name of ${what}`, name, `list them with \`kubectl get ${list}\``)];
}

function portFaults(path: string, port: number): string[] {
  if (Number.isInteger(port) && port >= 1 && port <= 65_535) return [];
  return [fault(path, "must be a port from 1 to 65535", port, "correct it")];
}

/** Conditions under which a Gateway serves; the annotation makes `up` wait for them. */
const servingGateway = { "pulumi.com/waitFor": JSON.stringify(["condition=Accepted", "condition=Programmed"]) };

/** Conditions under which a route is served; each Gateway it belongs to has its own set, and it belongs to one. */
const servedRoute = {
  "pulumi.com/waitFor": JSON.stringify(
    ["Accepted", "ResolvedRefs"].map(
      (type) => `jsonpath={.status.parents[0].conditions[?(@.type=="${type}")].status}=True`,
    ),
  ),
};

/**
 * The group of the Gateway API. It and other values that the server would fill in are set explicitly inside lists. A
 * list has a single owner: one that differs from what another state of the stack has applied is a conflict with that
 * state.
 */
const gatewayGroup = "gateway.networking.k8s.io";

/** A custom resource, in the form that the Pulumi resource takes. */
export type CustomObject = k8s.apiextensions.CustomResourceArgs & { readonly spec: object };

/**
 * Renders a Gateway with one listener, which passes TLS through for the host.
 * @param metadata Name, namespace and labels.
 * @param host Server name it accepts.
 * @param choice Class and port.
 */
export function gatewayObject(
  metadata: k8s.types.input.meta.v1.ObjectMeta,
  host: string,
  choice: Extract<GatewayChoice, { kind: "own" }>,
): CustomObject {
  return {
    apiVersion: `${gatewayGroup}/v1`,
    kind: "Gateway",
    metadata: { ...metadata, annotations: servingGateway },
    spec: {
      gatewayClassName: choice.className,
      listeners: [
        {
          name: "tls",
          protocol: "TLS",
          port: choice.port ?? defaultGatewayPort,
          hostname: host,
          tls: { mode: "Passthrough" },
          allowedRoutes: { namespaces: { from: "Same" }, kinds: [{ group: gatewayGroup, kind: "TLSRoute" }] },
        },
      ],
    },
  };
}

/** The Gateway a route belongs to, by the names it has once it exists. */
export interface GatewayReference {
  readonly namespace: pulumi.Input<string>;
  readonly name: pulumi.Input<string>;
  readonly listener?: string | undefined;
}

/**
 * Renders the route of the Gateway API.
 * @param metadata Name, namespace and labels; the namespace is the backend's.
 * @param args Host and backend.
 */
export function tlsRoute(
  metadata: k8s.types.input.meta.v1.ObjectMeta,
  { host, backend }: Pick<PassthroughArgs, "host" | "backend">,
  { namespace, name, listener }: GatewayReference,
): CustomObject {
  return {
    apiVersion: `${gatewayGroup}/v1`,
    kind: "TLSRoute",
    metadata: { ...metadata, annotations: servedRoute },
    spec: {
      parentRefs: [
        {
          group: gatewayGroup,
          kind: "Gateway",
          namespace,
          name,
          ...(listener === undefined ? {} : { sectionName: listener }),
        },
      ],
      hostnames: [host],
      rules: [{ backendRefs: [{ group: "", kind: "Service", name: backend.service, port: backend.port, weight: 1 }] }],
    },
  };
}

/**
 * Renders Traefik's route. Traefik reports no status for it, so only the proof can tell whether it is served.
 * @param metadata Name, namespace and labels; the namespace is the backend's.
 * @param args Host and backend.
 * @param entryPoints Entry points that accept the host.
 */
export function ingressRouteTcp(
  metadata: k8s.types.input.meta.v1.ObjectMeta,
  { host, backend }: Pick<PassthroughArgs, "host" | "backend">,
  entryPoints: readonly string[] = defaultEntryPoints,
): CustomObject {
  return {
    apiVersion: "traefik.io/v1alpha1",
    kind: "IngressRouteTCP",
    metadata,
    spec: {
      entryPoints,
      routes: [{ match: `HostSNI(\`${host}\`)`, services: [{ name: backend.service, port: backend.port }] }],
      tls: { passthrough: true },
    },
  };
}

/**
 * Renders the Ingress for ingress-nginx.
 * @param metadata Name, namespace and labels; the namespace is the backend's.
 * @param args Host and backend.
 * @param className IngressClass of the controller.
 */
export function nginxIngress(
  metadata: k8s.types.input.meta.v1.ObjectMeta,
  { host, backend }: Pick<PassthroughArgs, "host" | "backend">,
  className: string = defaultIngressClass,
): k8s.networking.v1.IngressArgs {
  return {
    metadata: {
      ...metadata,
      annotations: {
        "nginx.ingress.kubernetes.io/ssl-passthrough": "true",
        "nginx.ingress.kubernetes.io/backend-protocol": "HTTPS",
      },
    },
    spec: {
      ingressClassName: className,
      rules: [
        {
          host,
          http: {
            paths: [
              {
                path: "/",
                pathType: "Prefix",
                backend: { service: { name: backend.service, port: { number: backend.port } } },
              },
            ],
          },
        },
      ],
    },
  };
}
