import { fault } from "../../shared/errors.ts";
import { type JudgedResource, list, part, type ResourceRule, type StackRule, type Violation } from "./rule.ts";

const statefulSet = "kubernetes:apps/v1:StatefulSet";

/** Outside a developer's machine, connections to Vault must use TLS. */
export const tlsOutsideDev: ResourceRule = {
  kind: "resource",
  name: "tls-outside-dev",
  description:
    "A cluster of Vault servers listens with TLS 1.2 or newer only; plain HTTP is for one server for development.",
  judge: ({ type, inputs }) => {
    if (type !== "kubernetes:core/v1:ConfigMap") return [];
    const texts = Object.values((part(inputs, "data") as Record<string, unknown> | undefined) ?? {});
    return texts
      .filter((text) => typeof text === "string")
      .filter((text) => text.includes('storage "raft"'))
      .flatMap((text) => [
        ...(/tls_disable\s*=\s*("?true"?|"?1"?)/.test(text) || !/tls_cert_file\s*=/.test(text)
          ? [fault("listener", "must have TLS in a cluster", "plain HTTP", "give it a certificate")]
          : []),
        ...(/tls_min_version\s*=\s*"tls1[01]"/.test(text)
          ? [fault("listener.tls_min_version", "must be tls12 or newer", /tls1[01]/.exec(text)?.[0], "raise it")]
          : []),
        ...(/leader_api_addr\s*=\s*"http:/.test(text)
          ? [fault("retry_join", "must lead to servers by https", "http", "use the servers' TLS addresses")]
          : []),
      ]);
  },
};

/** The program always verifies which Vault it is talking to. */
export const verifiedVault: ResourceRule = {
  kind: "resource",
  name: "verified-vault",
  description: "The program verifies the certificate of the Vault it configures.",
  judge: ({ type, inputs }) => {
    if (type !== "pulumi:providers:vault") return [];
    const skips = part(inputs, "skipTlsVerify");
    if (skips === undefined || skips === false || skips === "false") return [];
    return [fault("skipTlsVerify", "must be false", skips, "trust the server's authority instead")];
  },
};

/** Cluster maintenance, and the loss of a machine, leave a majority of the servers. */
export const raftBearsLosses: StackRule = {
  kind: "stack",
  name: "raft-bears-losses",
  description: "The servers of a cluster are spread over machines and have a disruption budget that leaves a majority.",
  judge: (resources) =>
    resources
      .filter((resource) => resource.type === statefulSet && isVault(resource) && replicasOf(resource) > 1)
      .flatMap((server): Violation[] => {
        const { inputs } = server;
        const faults: string[] = [];
        const spec = part(inputs, "spec", "template", "spec");
        const apart = [
          "requiredDuringSchedulingIgnoredDuringExecution",
          "preferredDuringSchedulingIgnoredDuringExecution",
        ];
        if (apart.every((when) => list(spec, "affinity", "podAntiAffinity", when).length === 0)) {
          faults.push(
            fault("affinity.podAntiAffinity", "must keep servers apart", undefined, "say so for the host name"),
          );
        }
        const labels = part(inputs, "spec", "selector", "matchLabels");
        const budget = resources.find(
          ({ type, inputs: other }) =>
            type === "kubernetes:policy/v1:PodDisruptionBudget" &&
            sameValue(part(other, "spec", "selector", "matchLabels"), labels),
        );
        const majority = Math.floor(replicasOf(server) / 2) + 1;
        const away = part(budget?.inputs, "spec", "maxUnavailable");
        if (budget === undefined || typeof away !== "number" || replicasOf(server) - away < majority) {
          const rule = `must have a disruption budget that leaves ${majority} servers`;
          faults.push(fault("replicas", rule, away, "declare a PodDisruptionBudget with maxUnavailable"));
        }
        return faults.map((text) => ({ resource: server, fault: text }));
      }),
};

/** What cannot be recreated is not deleted in passing. */
export const dataStays: StackRule = {
  kind: "stack",
  name: "data-stays",
  description: "Volumes outlive the set of pods they are of; keys of a transit engine cannot be deleted.",
  judge: (resources) => [
    ...resources
      .filter(({ type, inputs }) => type === statefulSet && list(inputs, "spec", "volumeClaimTemplates").length > 0)
      .filter(({ isProtected }) => !isProtected)
      .flatMap((resource) => {
        const policy = part(resource.inputs, "spec", "persistentVolumeClaimRetentionPolicy");
        return (
          ["whenDeleted", "whenScaled"]
            // Kubernetes keeps claims unless told otherwise.
            .filter((when) => !["Retain", undefined].includes(part(policy, when) as string | undefined))
            .map((when) => ({
              resource,
              fault: fault(
                `persistentVolumeClaimRetentionPolicy.${when}`,
                "must be Retain",
                part(policy, when),
                "keep it",
              ),
            }))
        );
      }),
    ...resources
      .filter(
        ({ type, inputs }) =>
          type === "vault:transit/secretBackendKey:SecretBackendKey" && part(inputs, "deletionAllowed") === true,
      )
      .filter(({ isProtected }) => !isProtected)
      .map((resource) => ({
        resource,
        fault: fault("deletionAllowed", "must not be true", true, "what was encrypted with the key would be lost"),
      })),
  ],
};

/** Every request is recorded, and the failure of one device does not stop Vault. */
export const twoAuditDevices: StackRule = {
  kind: "stack",
  name: "two-audit-devices",
  description: "A Vault on a volume has two audit devices, because it stops when the only one cannot be written.",
  judge: (resources) => {
    const devices = resources.filter(({ type }) => type === "vault:index/audit:Audit");
    const server = resources.find(
      (resource) =>
        resource.type === statefulSet &&
        isVault(resource) &&
        list(resource.inputs, "spec", "volumeClaimTemplates").length > 0,
    );
    if (server === undefined || devices.length >= 2) return [];
    return [{ resource: server, fault: fault("audit devices", "must be two or more", devices.length, "add a device") }];
  },
};

function isVault({ inputs }: JudgedResource): boolean {
  return list(inputs, "spec", "template", "spec", "containers").some((container) =>
    JSON.stringify(part(container, "command") ?? []).includes("/vault"),
  );
}

function replicasOf({ inputs }: JudgedResource): number {
  const replicas = part(inputs, "spec", "replicas");
  return typeof replicas === "number" ? replicas : 1;
}

function sameValue(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
