/**
 * A cluster of three servers made by hand, as the usual guides script it: a certificate by openssl, manifests,
 * initialise one server, give each its shares one after the other. It is the baseline of `npm run bench -- --cluster`.
 */
import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { z } from "zod";
import { apply, type ByHandOptions, kubectl, namespace, until } from "./by-hand.ts";
import { manifests } from "./by-hand-manifests.ts";

const run = promisify(execFile);
const initAnswer = z.object({ unseal_keys_b64: z.array(z.string()).min(3), root_token: z.string() });
const peers = z.object({
  data: z.object({ config: z.object({ servers: z.array(z.object({ voter: z.boolean() })) }) }),
});
const pods = ["vault-0", "vault-1", "vault-2"];

/** Installs the cluster, and returns when it has three voters. */
export async function installCluster(options: ByHandOptions): Promise<void> {
  await kubectl(["create", "namespace", namespace]);
  const { certificate, privateKey, authority } = await issue(options.folder);
  const files = [
    `--from-file=tls.crt=${certificate}`,
    `--from-file=tls.key=${privateKey}`,
    `--from-file=ca.crt=${authority}`,
  ];
  await kubectl(["create", "secret", "generic", "vault-tls", ...files]);
  await apply(options, manifests.cluster(options.vaultImage));
  for (const pod of pods) await until(async () => (await kubectl(["get", "pod", pod, "-o", "name"])) !== "");
  for (const pod of pods) {
    await kubectl(["wait", `pod/${pod}`, "--for=jsonpath={.status.phase}=Running", "--timeout=120s"]);
  }
  const init = ["vault", "operator", "init", "-key-shares=5", "-key-threshold=3", "-format=json"];
  let keys = "";
  await until(async () => (keys = await inPod("vault-0", init)) !== "");
  writeFileSync(join(options.folder, "cluster-keys.json"), keys, { mode: 0o600 });
  const { unseal_keys_b64: shares, root_token: root } = initAnswer.parse(
    JSON.parse(readFileSync(join(options.folder, "cluster-keys.json"), "utf8")),
  );
  for (const pod of pods) {
    // A follower answers that it is not initialised until it has found the leader.
    for (const share of shares.slice(0, 3)) {
      await until(async () => (await inPod(pod, ["vault", "operator", "unseal", share])) !== "");
    }
  }
  const env = {
    ...process.env,
    VAULT_ADDR: "https://127.0.0.1:30104",
    VAULT_CACERT: authority,
    VAULT_TOKEN: root,
  };
  await until(async () => {
    const { stdout } = await run("vault", ["operator", "raft", "list-peers", "-format=json"], { env });
    const { servers } = peers.parse(JSON.parse(stdout)).data.config;
    return servers.filter(({ voter }) => voter).length === pods.length;
  });
}

async function inPod(pod: string, command: readonly string[]): Promise<string> {
  return kubectl(["exec", pod, "--", ...command]);
}

/** An authority and a certificate for all servers. */
async function issue(folder: string): Promise<{ certificate: string; privateKey: string; authority: string }> {
  const [authority = "", authorityKey = "", certificate = "", privateKey = ""] = [
    "ca.crt",
    "ca.key",
    "tls.crt",
    "tls.key",
  ].map((file) => join(folder, file));
  const made = ["req", "-x509", "-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-days", "365"];
  await run("openssl", [...made, "-subj", "/CN=by-hand", "-keyout", authorityKey, "-out", authority]);
  const names = `subjectAltName=DNS:*.vault-internal,DNS:vault-internal,DNS:localhost,IP:127.0.0.1`;
  const signed = ["-CA", authority, "-CAkey", authorityKey, "-subj", "/CN=vault", "-addext", names];
  await run("openssl", [...made, ...signed, "-keyout", privateKey, "-out", certificate]);
  return { certificate, privateKey, authority };
}
