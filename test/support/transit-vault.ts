import { randomBytes } from "node:crypto";
import { z } from "zod";
import { eventually, type LiveStack } from "./live-stack.ts";
import { vaultAt, type VaultClient } from "./vault-client.ts";

const token = z.object({ auth: z.object({ client_token: z.string() }) });

/** Name of the transit key. */
const transitKey = "autounseal";

/** A second Vault, in development mode, whose transit engine is the seal of another. It forgets all with its pod. */
export class TransitVault {
  /** Address inside the cluster. */
  public readonly address: string;
  /** With the root token, from this machine. */
  public readonly client: VaultClient;
  private readonly stack: LiveStack;
  private readonly namespace: string;

  private constructor(stack: LiveStack, namespace: string, client: VaultClient) {
    this.stack = stack;
    this.namespace = namespace;
    this.client = client;
    this.address = `http://transit.${namespace}.svc:8200`;
  }

  /** Starts one, after taking away what a killed run of the same test may have left. */
  static async start(stack: LiveStack, namespace: string, nodePort: number): Promise<TransitVault> {
    const root = randomBytes(24).toString("base64url");
    const client = vaultAt(`http://127.0.0.1:${nodePort}`, root);
    const vault = new TransitVault(stack, namespace, client);
    await vault.remove();
    await stack.kubectlWithInput(JSON.stringify(objects(namespace, nodePort, root)), "apply", "-f", "-");
    await eventually("the transit Vault answers", async () => !(await client.sealStatus()).sealed);
    await client.request("POST", "sys/mounts/transit", { type: "transit" });
    await client.request("POST", `transit/keys/${transitKey}`, {});
    const rule = (operation: string): string =>
      `path "transit/${operation}/${transitKey}" { capabilities = ["update"] }`;
    await client.request("PUT", `sys/policies/acl/${transitKey}`, { policy: `${rule("encrypt")}\n${rule("decrypt")}` });
    return vault;
  }

  /** A token that can use the key and do nothing else, renewable for ever. */
  async makeToken(): Promise<string> {
    const body = { policies: [transitKey], period: "24h", no_parent: true };
    return token.parse(await this.client.request("POST", "auth/token/create", body)).auth.client_token;
  }

  /** It as the seal of a stack: it has no TLS, and none of what it keeps is worth any. */
  get seal() {
    return { kind: "transit", address: this.address, transport: { kind: "plaintext" }, key: transitKey } as const;
  }

  /** Cuts it off from everybody, without losing what it holds. */
  async setReachable(reachable: boolean): Promise<void> {
    const selector = JSON.stringify({ spec: { selector: { app: reachable ? "transit" : "nobody" } } });
    await this.stack.kubectl("-n", this.namespace, "patch", "service", "transit", "--patch", selector);
  }

  /** Takes it away. */
  async remove(): Promise<void> {
    await this.stack.kubectl("delete", "namespace", this.namespace, "--ignore-not-found", "--wait");
  }
}

function objects(namespace: string, nodePort: number, root: string): object {
  const labels = { app: "transit" };
  const metadata = { name: "transit", namespace, labels };
  const spec = {
    terminationGracePeriodSeconds: 1,
    automountServiceAccountToken: false,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: 100,
      runAsGroup: 1000,
      seccompProfile: { type: "RuntimeDefault" },
    },
    containers: [
      {
        name: "vault",
        image: "hashicorp/vault:1.21.0",
        command: ["/bin/vault", "server", "-dev", "-dev-no-store-token", "-dev-listen-address=0.0.0.0:8200"],
        env: [
          { name: "HOME", value: "/home/vault" },
          { name: "VAULT_DEV_ROOT_TOKEN_ID", valueFrom: { secretKeyRef: { name: "transit", key: "root" } } },
        ],
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ["ALL"] },
        },
      },
    ],
  };
  return {
    apiVersion: "v1",
    kind: "List",
    items: [
      { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } },
      { apiVersion: "v1", kind: "Secret", metadata, stringData: { root } },
      {
        apiVersion: "v1",
        kind: "Service",
        metadata,
        spec: { type: "NodePort", selector: labels, ports: [{ port: 8200, nodePort }] },
      },
      { apiVersion: "v1", kind: "Pod", metadata, spec },
    ],
  };
}
