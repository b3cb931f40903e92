import { fault } from "./errors.ts";

/** One way in which an environment weakens what this project relies on. */
interface Weakness {
  readonly name: string;
  /** Whose it is: that of every Node process, or that of an official plugin, which inherits it. */
  readonly of: "node" | "plugin";
  readonly rule: string;
  /** The offending value, or null. */
  readonly offends: (value: string) => string | null;
}

/**
 * What of `NODE_OPTIONS` weakens TLS and HTTP, writes down what they hide, or lets each user of the machine in by a debugger. Code
 * that is loaded by it is not among them: whoever may set the variable may do all that this process may.
 */
const unsafeNodeOption =
  /^--(tls-min-v1\.[01]|tls-cipher-list|tls-keylog|trace-tls|insecure-http-parser|security-reverts?|openssl-legacy-provider|openssl-config|openssl-shared-config|inspect[a-z-]*)$/;

const weaknesses: readonly Weakness[] = [
  {
    name: "NODE_TLS_REJECT_UNAUTHORIZED",
    of: "node",
    rule: "must not switch off the verification of certificates",
    offends: (value) => (value === "0" ? value : null),
  },
  {
    name: "NODE_OPTIONS",
    of: "node",
    rule: "must not weaken TLS or HTTP, write down their keys, or open a debugger",
    offends: (value) =>
      value
        .split(/\s+/)
        .map((word) => word.replace(/^["']/, "").split("=")[0]?.replaceAll("_", "-") ?? "")
        .find((option) => unsafeNodeOption.test(option)) ?? null,
  },
  ...["VAULT_SKIP_VERIFY", "HELM_KUBEINSECURE_SKIP_TLS_VERIFY"].map((name): Weakness => ({
    name,
    of: "plugin",
    rule: "must not switch off the verification of certificates",
    // As Go reads a truth value; what it cannot read, Vault's client refuses by itself.
    offends: (value) => (/^(1|t|true)$/i.test(value) ? value : null),
  })),
  ...["VAULT_PROXY_ADDR", "VAULT_HTTP_PROXY"].map((name): Weakness => ({
    name,
    of: "plugin",
    rule: "must not lead Pulumi's login to a proxy",
    // Not shown: it may hold a password.
    offends: (value) => (value === "" ? null : "a proxy"),
  })),
];

/**
 * Every variable of an environment that would switch off or weaken what this project relies on. What is built here states its
 * TLS itself and would not follow them; the plugins and whoever copies a command would.
 *
 * `NODE_EXTRA_CA_CERTS`, `SSL_CERT_FILE` and `SSL_CERT_DIR` are not among them: they add to the authorities that are known to
 * everybody, which count only where nobody named any. Nor is `PGSSLMODE`: how to speak to Postgres is always stated.
 * @param env The environment.
 * @returns One fault for each; empty when there are none.
 */
export function unsafeEnvironmentFaults(env: NodeJS.ProcessEnv): string[] {
  return faultsOf(env, weaknesses);
}

/**
 * Stops a Node process whose environment weakens its TLS.
 * @param env The environment.
 * @throws {Error} Naming each variable.
 */
export function refuseUnsafeNode(env: NodeJS.ProcessEnv): void {
  const faults = faultsOf(
    env,
    weaknesses.filter((weakness) => weakness.of === "node"),
  );
  if (faults.length > 0) throw new Error(faults.join("\n"));
}

function faultsOf(env: NodeJS.ProcessEnv, of: readonly Weakness[]): string[] {
  return of.flatMap(({ name, rule, offends }) => {
    const got = offends(env[name] ?? "");
    return got === null ? [] : [fault(name, rule, got, `unset it: \`unset ${name}\``)];
  });
}
