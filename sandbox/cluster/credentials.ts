import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { copyFile, mkdir, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { stringify } from "yaml";
import { kubeconfigFile, stateDirectory } from "../paths.ts";
import { apiServerUrl, firstAddress, nodeAddress, nodeName, type ClusterRanges } from "./addresses.ts";
import { createAuthority, createSigningKeys, type Identity } from "./certificates.ts";

const directory = path.join(stateDirectory, "credentials");

/**
 * The place of one of the cluster's credentials.
 * @param name File name, for example `authority.crt`.
 * @returns An absolute path; readable by root alone.
 */
export function credential(name: string): string {
  return path.join(directory, name);
}

/** The user names of the parts that run as clients of the API server, by the name of their kubeconfig. */
export const clientUsers = {
  admin: { name: "vaultstack-sandbox-admin", group: "system:masters" },
  "controller-manager": { name: "system:kube-controller-manager" },
  scheduler: { name: "system:kube-scheduler" },
  kubelet: { name: `system:node:${nodeName}`, group: "system:nodes" },
  "kube-proxy": { name: "system:kube-proxy" },
  dns: { name: "vaultstack:dns" },
  volumes: { name: "vaultstack:volumes" },
} as const;

/** The name under which the API server calls the kubelet. */
export const kubeletClientUser = "vaultstack:api-server";

/**
 * Makes every key, certificate and kubeconfig of a new cluster; does nothing when they are there.
 * @param ranges The ranges of the cluster, for the address of the `kubernetes` service.
 */
export async function ensureCredentials(ranges: ClusterRanges): Promise<void> {
  if (!existsSync(directory)) {
    const unfinished = `${directory}.unfinished`;
    await rm(unfinished, { recursive: true, force: true });
    await mkdir(unfinished, { recursive: true, mode: 0o700 });
    for (const [name, text] of Object.entries(await createCredentials(ranges))) {
      await writeFile(path.join(unfinished, name), text, { mode: 0o600 });
    }
    await rename(unfinished, directory);
  }
  // Copied on every start: a person may have edited or removed theirs.
  await copyFile(credential("admin.kubeconfig"), kubeconfigFile);
}

async function createCredentials(ranges: ClusterRanges): Promise<Record<string, string>> {
  const authority = await createAuthority("vaultstack-sandbox-authority");
  // An authority of its own: whoever has a certificate that etcd trusts reads and writes everything past the API
  // server.
  const storeAuthority = await createAuthority("vaultstack-sandbox-etcd-authority");
  const signingKeys = await createSigningKeys();
  const kubeconfigs = await Promise.all(
    Object.entries(clientUsers).map(async ([name, user]): Promise<[string, string]> => {
      return [`${name}.kubeconfig`, renderKubeconfig(authority.certificate, name, await authority.issue(user))];
    }),
  );
  return {
    "authority.crt": authority.certificate,
    "authority.key": authority.key,
    "etcd-authority.crt": storeAuthority.certificate,
    ...files("etcd", await storeAuthority.issue({ name: "etcd", hosts: [nodeAddress, "127.0.0.1"] })),
    ...files("etcd-client", await storeAuthority.issue({ name: "kube-apiserver" })),
    ...files("server", await authority.issue({ name: nodeName, hosts: serverHosts(ranges) })),
    ...files("kubelet-client", await authority.issue({ name: kubeletClientUser })),
    "service-accounts.key": signingKeys.privateKey,
    "service-accounts.pub": signingKeys.publicKey,
    "encryption.yaml": renderEncryption(randomBytes(32)),
    ...Object.fromEntries(kubeconfigs),
  };
}

function files(name: string, { certificate, key }: Identity): Record<string, string> {
  return { [`${name}.crt`]: certificate, [`${name}.key`]: key };
}

function serverHosts(ranges: ClusterRanges): string[] {
  const service = [
    "kubernetes",
    "kubernetes.default",
    "kubernetes.default.svc",
    "kubernetes.default.svc.cluster.local",
  ];
  return [nodeAddress, "127.0.0.1", firstAddress(ranges.services), nodeName, "localhost", ...service];
}

function renderKubeconfig(authority: string, user: string, identity: Identity): string {
  const base64 = (text: string) => Buffer.from(text).toString("base64");
  return stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: nodeName, cluster: { server: apiServerUrl, "certificate-authority-data": base64(authority) } }],
    users: [
      {
        name: user,
        user: {
          "client-certificate-data": base64(identity.certificate),
          "client-key-data": base64(identity.key),
        },
      },
    ],
    contexts: [{ name: nodeName, context: { cluster: nodeName, user } }],
    "current-context": nodeName,
  });
}

/** Secrets are encrypted in etcd, so that a copy of its files alone is worth nothing. */
function renderEncryption(key: Buffer): string {
  return stringify({
    apiVersion: "apiserver.config.k8s.io/v1",
    kind: "EncryptionConfiguration",
    resources: [
      {
        resources: ["secrets"],
        providers: [{ secretbox: { keys: [{ name: "sandbox", secret: key.toString("base64") }] } }],
      },
    ],
  });
}
