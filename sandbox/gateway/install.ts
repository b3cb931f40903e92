import { createHash } from "node:crypto";
import path from "node:path";
import { stringify } from "yaml";
import { z } from "zod";
import { withoutProxy } from "../cluster/network.ts";
import { attempt, run } from "../command.ts";
import { SandboxError } from "../faults.ts";
import { ensureImage } from "../images/import.ts";
import { gatewayRecipes } from "../images/recipes.ts";
import { kubeconfigFile } from "../paths.ts";
import { step } from "../progress.ts";
import type { ToolName } from "../toolchain/tools.ts";
import { chartValues, gatewayClass, gatewayNamespace, gatewayObjects } from "./objects.ts";

/** How long the controller may take to start; it needs a small part of it. */
const readyLimit = "120s";

/** Says on the namespace what was installed; written last, so that an installation cut short is done again. */
const installedAnnotation = "vaultstack.local/installed";

const namespaceSchema = z.object({
  metadata: z.object({ annotations: z.record(z.string(), z.string()).default({}) }),
});

/**
 * Installs Envoy Gateway from its official chart, with the custom resource definitions of the Gateway API, and waits
 * until it takes Gateways. What is installed as it should be is left alone.
 * @param binary Finds the binary of a tool.
 * @throws SandboxError with what the failing program says.
 */
export async function ensureGateway(binary: (tool: ToolName) => string): Promise<void> {
  const chart = path.join(path.dirname(binary("envoy-gateway")), "gateway-helm");
  const fingerprint = createHash("sha256")
    .update(JSON.stringify([chart, chartValues, gatewayObjects]))
    .digest("hex");
  try {
    for (const recipe of gatewayRecipes) await ensureImage(recipe, binary);
    if ((await installedFingerprint(binary)) !== fingerprint) {
      await step("gateway", () => install(binary, chart, fingerprint));
    }
    await kubectl(binary, [...inNamespace, "rollout", "status", "deployment/envoy-gateway", `--timeout=${readyLimit}`]);
    await awaitConditions(binary, "Accepted", [`gatewayclass/${gatewayClass}`]);
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    throw new SandboxError(
      [`gateway: must take Gateways, got: ${said}; see \`kubectl -n ${gatewayNamespace} get pods\`, then repeat`],
      { cause: error },
    );
  }
}

const inNamespace = ["--namespace", gatewayNamespace] as const;

async function installedFingerprint(binary: (tool: ToolName) => string): Promise<string | undefined> {
  const [program, ...args] = kubectlCommand(binary);
  const found = await attempt([program, ...args, "get", "namespace", gatewayNamespace, "--output=json"], {
    env: clusterEnvironment(),
  });
  if (found.code !== 0) return undefined;
  return namespaceSchema.parse(JSON.parse(found.stdout)).metadata.annotations[installedAnnotation];
}

async function install(binary: (tool: ToolName) => string, chart: string, fingerprint: string): Promise<void> {
  await apply(binary, stringify(namespaceObject({})));
  // Before the controller, which does not start without them. Certificates that are there stay.
  const [manifest] = await Promise.all([
    renderChart(binary, chart),
    run([binary("envoy-gateway"), "certgen", "--disable-topology-injector"], { env: clusterEnvironment() }),
  ]);
  await apply(binary, manifest);
  const definitions = ["gatewayclasses.gateway.networking.k8s.io", "envoyproxies.gateway.envoyproxy.io"];
  await awaitConditions(
    binary,
    "Established",
    definitions.map((name) => `customresourcedefinition/${name}`),
  );
  await apply(binary, gatewayObjects.map((object) => stringify(object)).join("---\n"));
  await apply(binary, stringify(namespaceObject({ [installedAnnotation]: fingerprint })));
}

function namespaceObject(annotations: Readonly<Record<string, string>>): object {
  return { apiVersion: "v1", kind: "Namespace", metadata: { name: gatewayNamespace, annotations } };
}

/** The module lacks `values.yaml`: upstream makes it from the template, whose placeholders are overridden here. */
async function renderChart(binary: (tool: ToolName) => string, chart: string): Promise<string> {
  const values = ["--values", path.join(chart, "values.tmpl.yaml"), "--values", "-"];
  const options = [...inNamespace, "--include-crds", "--no-hooks", ...values];
  return run([binary("helm"), "template", "gateway", chart, ...options], { input: stringify(chartValues) });
}

async function apply(binary: (tool: ToolName) => string, manifest: string): Promise<void> {
  const options = ["--server-side", "--force-conflicts", "--validate=false", "--filename=-"];
  await kubectl(binary, ["apply", ...options], manifest);
}

async function awaitConditions(binary: (tool: ToolName) => string, condition: string, objects: readonly string[]) {
  await kubectl(binary, ["wait", `--for=condition=${condition}`, `--timeout=${readyLimit}`, ...objects]);
}

async function kubectl(binary: (tool: ToolName) => string, args: readonly string[], input?: string): Promise<void> {
  await run([...kubectlCommand(binary), ...args], {
    env: clusterEnvironment(),
    ...(input === undefined ? {} : { input }),
  });
}

function kubectlCommand(binary: (tool: ToolName) => string): [string, ...string[]] {
  return [binary("kubernetes"), "kubectl"];
}

function clusterEnvironment(): NodeJS.ProcessEnv {
  return {
    ...process.env,
    ...withoutProxy(),
    KUBECONFIG: kubeconfigFile,
    ENVOY_GATEWAY_NAMESPACE: gatewayNamespace,
  };
}
