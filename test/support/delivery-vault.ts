import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Duration } from "../../shared/units.ts";
import { adminPolicyRules, policyDocument } from "../../components/access/admin-policy.ts";
import { adminPolicyName } from "../../protocol/admin-access/login-names.ts";
import { operatorChart } from "../../sandbox/toolchain/operator-chart.ts";
import { goIdentity } from "../../sandbox/toolchain/tool-cache.ts";
import { LiveStack } from "./live-stack.ts";
import { operatorRemains, removeOperator } from "../../scripts/suites/operator-remains.ts";
import { makeTlsPair } from "./tls-pair.ts";
import { tlsVaultName, tlsVaultObjects } from "./tls-vault.ts";

const kubeContext = "vaultstack-sandbox";

/** The arguments of `delivery-program.ts`. */
export interface DeliveryProgramArgs {
  readonly kubeContext: string;
  /** What the names of namespaces and cluster-wide objects begin with. */
  readonly prefix: string;
  /** Folder of the operator's chart. */
  readonly chart: string;
  readonly vault: {
    readonly namespace: string;
    /** As this machine reaches it. */
    readonly address: string;
    /** As the operator reaches it. */
    readonly internalAddress: string;
    readonly tlsServerName: string;
    readonly caCertFile: string;
    readonly caCertificate: string;
  };
  /** Life of the authority that issues. @default "24h" */
  readonly authorityTtl?: Duration;
  /** The certificate that is delivered; null for none. */
  readonly certificate: {
    readonly ttl: Duration;
    readonly expiryOffset: Duration;
    /** Name of the Deployment that is restarted with it. */
    readonly restarts: string;
    readonly timeout: Duration;
  } | null;
  /** Number of static secrets that are delivered. */
  readonly staticSecrets: number;
}

/** What a test chooses of them. */
export type DeliveryChoice = Pick<DeliveryProgramArgs, "authorityTtl" | "certificate" | "staticSecrets">;

/** A stack of `delivery-program.ts` with a Vault of its own over TLS, made and taken away by the test. */
export class DeliveryStack {
  readonly stack: LiveStack;
  readonly namespace: string;
  private readonly args: Omit<DeliveryProgramArgs, keyof DeliveryChoice>;

  private constructor(stack: LiveStack, args: Omit<DeliveryProgramArgs, keyof DeliveryChoice>) {
    this.stack = stack;
    this.args = args;
    this.namespace = `${args.prefix}-app`;
  }

  /** Brings up the Vault, and makes the stack without deploying it. */
  static async create(prefix: string, choice: DeliveryChoice): Promise<DeliveryStack> {
    const namespace = `${prefix}-vault`;
    const tlsServerName = `${tlsVaultName}.${namespace}.svc`;
    const pair = await makeTlsPair([tlsServerName]);
    const rootToken = randomBytes(16).toString("base64url");
    const stack = await LiveStack.ofProgram(prefix, "delivery-program.ts", { args: {} });
    // What a killed run of the same test left; the operator of anybody else is to stay.
    await removeOperator(stack, `${prefix}-operator`);
    const others = await operatorRemains(stack);
    if (others.length > 0) {
      throw new Error(`there can be one operator in a cluster, and there is one: ${others.join()}`);
    }
    await stack.kubectlWithInput(tlsVaultObjects({ namespace, pair, rootToken }), "apply", "-f", "-");
    await stack.kubectl("-n", namespace, "rollout", "status", `statefulset/${tlsVaultName}`, "--timeout=120s");
    const pod = ["-n", namespace, "get", "pod", `${tlsVaultName}-0`, "-o", "jsonpath={.status.podIP}"];
    const caCertFile = join(stack.folder, "vault-ca.pem");
    writeFileSync(caCertFile, pair.certificate);
    const delivery = new DeliveryStack(stack, {
      kubeContext,
      prefix,
      chart: operatorChart(await goIdentity()),
      vault: {
        namespace,
        address: `https://${await stack.kubectl(...pod)}:8200`,
        internalAddress: `https://${tlsServerName}:8200`,
        tlsServerName,
        caCertFile,
        caCertificate: pair.certificate,
      },
    });
    await stack.setSecret("token", await delivery.pulumisToken());
    delivery.choose(choice);
    return delivery;
  }

  /** Changes what the program declares. */
  choose(choice: DeliveryChoice): void {
    this.stack.setArguments({ ...this.args, ...choice });
  }

  /** What Vault answers to a read by its root. */
  async read(path: string): Promise<string> {
    return this.vault(`read -format=json ${path}`);
  }

  /** A token that may do what Pulumi's own login may, and no more. */
  private async pulumisToken(): Promise<string> {
    await this.vault(`policy write ${adminPolicyName} -`, policyDocument(adminPolicyRules()));
    return (await this.vault(`token create -policy=${adminPolicyName} -field=token`)).trim();
  }

  /** Runs Vault's command line as its root, beside it. */
  private async vault(command: string, input = ""): Promise<string> {
    const { namespace } = this.args.vault;
    const asRoot = "VAULT_TOKEN=$VAULT_DEV_ROOT_TOKEN_ID VAULT_ADDR=http://127.0.0.1:8100";
    const inPod = ["-n", namespace, "exec", "-i", `${tlsVaultName}-0`, "--", "sh", "-c", `${asRoot} vault ${command}`];
    return this.stack.kubectlWithInput(input, ...inPod);
  }

  /** A Secret that was delivered, as a pod would see it. */
  async delivered(name: string): Promise<Record<string, string>> {
    const json = ["-n", this.namespace, "get", "secret", name, "-o", "jsonpath={.data}"];
    const data = JSON.parse(await this.stack.kubectl(...json)) as Record<string, string>;
    return Object.fromEntries(
      Object.entries(data).map(([key, value]) => [key, Buffer.from(value, "base64").toString()]),
    );
  }

  /** Removes everything, however far the test came. */
  async remove(): Promise<void> {
    await this.stack.destroy();
    const { prefix, vault } = this.args;
    await removeOperator(this.stack, `${prefix}-operator`);
    const namespaces = [this.namespace, `${prefix}-operator`, vault.namespace];
    await this.stack.kubectl("delete", "namespace", ...namespaces, "--ignore-not-found", "--wait");
    await this.stack.kubectl("delete", "clusterrolebinding", `${prefix}-token-reviewer`, "--ignore-not-found");
    this.stack.forget();
  }
}
