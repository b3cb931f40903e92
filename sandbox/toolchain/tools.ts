import path from "node:path";
import type { Extra } from "../extras.ts";
import { repositoryDirectory } from "../paths.ts";

/** A Go program that is built once per machine. */
export interface Tool {
  /** Name of the tool, of its folder in the cache and of its binary. */
  readonly name: ToolName;
  /** Folder of its Go module. */
  readonly directory: string;
  /** Package to build. */
  readonly package: string;
  /** Values stamped into variables of the program, by the variable's full name. */
  readonly stamps: Readonly<Record<string, string>>;
  /** Folder of the module that is kept beside the binary under its own name. @default - none */
  readonly keep?: string;
  /** A package of the module that has the folder to keep. @default - the package to build */
  readonly keepFrom?: string;
  /** What it is built for. @default - always */
  readonly extra?: Extra;
}

/** The names of all tools. */
export type ToolName =
  | "coredns"
  | "envoy-gateway"
  | "etcd"
  | "helm"
  | "kubernetes"
  | "kubernetes-plugin"
  | "pause"
  | "pulumi"
  | "rbac-proxy"
  | "secrets-operator"
  | "vault"
  | "volumes"
  | "web-app";

const toolsDirectory = path.join(repositoryDirectory, "sandbox/tools");

/** Every tool, the longest build first: builds run two at a time, and the last one should be a short one. */
export const tools: readonly Tool[] = [
  tool("vault"),
  tool("kubernetes", {
    // As the release stamps itself; without them the API server calls itself v0.0.0, which clients refuse.
    stamps: {
      "k8s.io/component-base/version.gitVersion": "v1.34.4",
      "k8s.io/component-base/version.gitMajor": "1",
      "k8s.io/component-base/version.gitMinor": "34",
    },
  }),
  tool("pulumi", {
    package: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
    stamps: { "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version": "v3.226.0" },
  }),
  tool("kubernetes-plugin", {
    // The version of npm's @pulumi/kubernetes: the engine asks a plugin which one it is.
    stamps: { "github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/version.Version": "4.34.2" },
    // The description of its resource types, 8 MB.
    keep: "cmd/pulumi-resource-kubernetes",
    keepFrom: "github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/provider",
  }),
  tool("envoy-gateway", {
    package: "github.com/envoyproxy/gateway/cmd/envoy-gateway",
    stamps: { "github.com/envoyproxy/gateway/internal/cmd/version.envoyGatewayVersion": "v1.9.1" },
    // The official chart, with its custom resource definitions and those of the Gateway API.
    keep: "charts/gateway-helm",
    extra: "gateway",
  }),
  tool("secrets-operator", {
    package: "github.com/hashicorp/vault-secrets-operator",
    stamps: { "github.com/hashicorp/vault-secrets-operator/internal/version.GitVersion": "0.10.0" },
    // The official chart, with the custom resource definitions.
    keep: "chart",
  }),
  tool("helm", {
    package: "helm.sh/helm/v3/cmd/helm",
    stamps: {
      "helm.sh/helm/v3/internal/version.version": "v3.19.5",
      "helm.sh/helm/v3/pkg/chartutil.k8sVersionMajor": "1",
      "helm.sh/helm/v3/pkg/chartutil.k8sVersionMinor": "34",
    },
    extra: "gateway",
  }),
  tool("rbac-proxy", {
    package: "github.com/brancz/kube-rbac-proxy/cmd/kube-rbac-proxy",
    stamps: { "k8s.io/component-base/version.gitVersion": "v0.18.1" },
  }),
  tool("volumes"),
  tool("coredns"),
  tool("etcd"),
  tool("pause"),
  tool("web-app", { directory: path.join(repositoryDirectory, "apps/web-app") }),
];

/** Finds a tool by its name. */
export function toolNamed(name: ToolName): Tool {
  const found = tools.find((candidate) => candidate.name === name);
  if (found === undefined) throw new Error(`no tool is called ${name}`);
  return found;
}

function tool(name: ToolName, differences: Partial<Omit<Tool, "name">> = {}): Tool {
  return { name, directory: path.join(toolsDirectory, name), package: ".", stamps: {}, ...differences };
}
