/**
 * The way this is done by hand, as the usual guides describe it: apply manifests, initialise, unseal, log in as root,
 * configure. It is the baseline of `npm run bench` and deliberately keeps their habits (keys in a file, root for
 * everything).
 */
import { execFile } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { z } from "zod";
import { manifests } from "./by-hand-manifests.ts";

const run = promisify(execFile);
const initAnswer = z.object({ unseal_keys_b64: z.array(z.string()).min(1), root_token: z.string() });
/** Where the hand-made installation is. */
export const namespace = "by-hand";
const address = "http://127.0.0.1:30104";
const webApp = "http://127.0.0.1:30105";

/** What the hand-made installation needs to know of its surroundings. */
export interface ByHandOptions {
  /** Folder for the keys file; removed by `remove`. */
  readonly folder: string;
  /** Image of the Vault server. */
  readonly vaultImage: string;
  /** Image of the sample app. */
  readonly webAppImage: string;
}

/** Installs and configures Vault and the web app, and returns when the app answers with the secret. */
export async function install(options: ByHandOptions): Promise<void> {
  await kubectl(["create", "namespace", namespace]);
  await apply(options, manifests.vault(options.vaultImage));
  await kubectl(["wait", "pod/vault-0", "--for=jsonpath={.status.phase}=Running", "--timeout=120s"]);
  await until(async () => (await vaultStatus()) !== "unreachable");
  const { stdout } = await run(
    "vault",
    ["operator", "init", "-key-shares=1", "-key-threshold=1", "-format=json"],
    env(),
  );
  writeFileSync(join(options.folder, "cluster-keys.json"), stdout, { mode: 0o600 });
  await heal(options);
  const root = readKeys(options).root_token;
  await vault(root, ["audit", "enable", "file", "file_path=/vault/logs/audit.log"]);
  await vault(root, ["secrets", "enable", "-path=secret", "kv-v2"]);
  await vault(root, ["kv", "put", "secret/webapp/config", "username=static-user", "password=static-password"]);
  await vault(root, ["auth", "enable", "kubernetes"]);
  await vault(root, ["write", "auth/kubernetes/config", "kubernetes_host=https://kubernetes.default.svc"]);
  const policy = join(options.folder, "webapp.hcl");
  writeFileSync(policy, 'path "secret/data/webapp/config" {\n  capabilities = ["read"]\n}\n');
  await vault(root, ["policy", "write", "webapp", policy]);
  await vault(root, [
    "write",
    "auth/kubernetes/role/webapp",
    "bound_service_account_names=webapp",
    `bound_service_account_namespaces=${namespace}`,
    "policies=webapp",
    "ttl=24h",
    "audience=https://kubernetes.default.svc.cluster.local",
  ]);
  await apply(options, manifests.webApp(options.webAppImage));
  await kubectl(["rollout", "status", "deployment/webapp", "--timeout=120s"]);
  await until(async () => (await fetch(webApp)).ok);
}

/**
 * What a person runs to see that all is as it was made: one look at each object.
 * @param options As given to `install`.
 */
export async function inspect(options: ByHandOptions): Promise<void> {
  const root = readKeys(options).root_token;
  await kubectl(["get", "all,pvc,configmap,serviceaccount", "-o", "yaml"]);
  for (const args of [
    ["status"],
    ["audit", "list"],
    ["secrets", "list"],
    ["auth", "list"],
    ["read", "auth/kubernetes/config"],
    ["policy", "read", "webapp"],
    ["read", "auth/kubernetes/role/webapp"],
    ["kv", "metadata", "get", "secret/webapp/config"],
  ]) {
    await vault(root, args);
  }
}

/** Deletes the Vault pod, so that its replacement comes up sealed, and waits until that one answers. */
export async function breakPod(): Promise<void> {
  await kubectl(["delete", "pod", "vault-0"]);
  await kubectl(["wait", "pod/vault-0", "--for=jsonpath={.status.phase}=Running", "--timeout=120s"]);
  await until(async () => (await vaultStatus()) === "sealed");
}

/**
 * Unseals with the share from the keys file and returns when the pod is ready.
 * @param options As given to `install`.
 */
export async function heal(options: ByHandOptions): Promise<void> {
  const [share] = readKeys(options).unseal_keys_b64;
  await run("vault", ["operator", "unseal", share ?? ""], env());
  await kubectl(["wait", "pod/vault-0", "--for=condition=Ready", "--timeout=60s"]);
}

/**
 * Removes everything `install` made.
 * @param options As given to `install`.
 */
export async function remove(options: ByHandOptions): Promise<void> {
  await kubectl(["delete", "namespace", namespace, "--ignore-not-found", "--wait"]);
  await kubectl(["delete", "clusterrolebinding", "by-hand-vault", "--ignore-not-found"]);
  for (const file of ["cluster-keys.json", "webapp.hcl", "manifests.yaml", "ca.key", "ca.crt", "tls.key", "tls.crt"]) {
    rmSync(join(options.folder, file), { force: true });
  }
}

/**
 * Applies manifests.
 * @param options As given to `install`.
 * @param yaml YAML documents.
 */
export async function apply(options: ByHandOptions, yaml: string): Promise<void> {
  const file = join(options.folder, "manifests.yaml");
  writeFileSync(file, yaml);
  await kubectl(["apply", "-f", file]);
}

/** Runs kubectl in the namespace of the hand-made installation. */
export async function kubectl(args: readonly string[]): Promise<string> {
  const { stdout } = await run("kubectl", ["--namespace", namespace, ...args], { maxBuffer: 16 * 1024 * 1024 });
  return stdout;
}

async function vault(token: string, args: readonly string[]): Promise<void> {
  await run("vault", [...args], env(token));
}

function env(token = ""): { env: NodeJS.ProcessEnv } {
  return { env: { ...process.env, VAULT_ADDR: address, VAULT_TOKEN: token } };
}

function readKeys({ folder }: ByHandOptions): z.infer<typeof initAnswer> {
  return initAnswer.parse(JSON.parse(readFileSync(join(folder, "cluster-keys.json"), "utf8")));
}

async function vaultStatus(): Promise<"sealed" | "unsealed" | "unreachable"> {
  try {
    const answer = z.object({ sealed: z.boolean() }).parse(await (await fetch(`${address}/v1/sys/seal-status`)).json());
    return answer.sealed ? "sealed" : "unsealed";
  } catch {
    return "unreachable";
  }
}

/**
 * Waits until a condition holds, two minutes at most.
 * @param condition What to wait for; one that throws does not hold.
 */
export async function until(condition: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 120_000;
  while (!(await condition().catch(() => false))) {
    if (Date.now() > deadline) {
      throw new Error("by hand: the installation did not come up within 120 s; see `kubectl -n by-hand get pods`");
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
