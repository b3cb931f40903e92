import { gatewayNodePort, gatewayPort, nodeAddress } from "../cluster/addresses.ts";
import { envoyImage } from "../images/recipes.ts";

/** Where the controller and the data plane run; the namespace of upstream's guide. */
export const gatewayNamespace = "envoy-gateway-system";

/** The class a Gateway of the sandbox has; the name of upstream's guide. */
export const gatewayClass = "eg";

/** Values of the official chart that differ from its own. */
export const chartValues = {
  global: { images: { envoyGateway: { image: "docker.io/envoyproxy/gateway:v1.9.1", pullPolicy: "IfNotPresent" } } },
  // It tells zones apart, of which there is one.
  topologyInjector: { enabled: false },
};

/**
 * The class of gateways and how their data plane is reached: there is no load balancer that could give each Gateway an
 * address, so all share one Envoy that has the node's.
 */
export const gatewayObjects = [
  {
    apiVersion: "gateway.envoyproxy.io/v1alpha1",
    kind: "EnvoyProxy",
    metadata: { name: gatewayClass, namespace: gatewayNamespace },
    spec: {
      mergeGateways: true,
      provider: {
        type: "Kubernetes",
        kubernetes: {
          envoyDeployment: { container: { image: envoyImage } },
          envoyService: {
            type: "NodePort",
            patch: {
              type: "StrategicMerge",
              value: {
                spec: { externalIPs: [nodeAddress], ports: [{ port: gatewayPort, nodePort: gatewayNodePort }] },
              },
            },
          },
        },
      },
    },
  },
  {
    apiVersion: "gateway.networking.k8s.io/v1",
    kind: "GatewayClass",
    metadata: { name: gatewayClass },
    spec: {
      controllerName: "gateway.envoyproxy.io/gatewayclass-controller",
      parametersRef: {
        group: "gateway.envoyproxy.io",
        kind: "EnvoyProxy",
        name: gatewayClass,
        namespace: gatewayNamespace,
      },
    },
  },
] as const;
