import path from "node:path";
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
  /** Folder of the package's module that is kept beside the binary under its own name. @default - none */
  readonly keep?: string;
}

/** The names of all tools. */
export type ToolName =
  | "coredns"
  | "etcd"
  | "helm"
  | "kubernetes"
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

/**
 * Finds a tool by its name.
 * @param name Name of the tool.
 * @returns The tool.
 */
export function toolNamed(name: ToolName): Tool {
  const found = tools.find((candidate) => candidate.name === name);
  if (found === undefined) throw new Error(`no tool is called ${name}`);
  return found;
}

function tool(name: ToolName, differences: Partial<Omit<Tool, "name">> = {}): Tool {
  return { name, directory: path.join(toolsDirectory, name), package: ".", stamps: {}, ...differences };
}
