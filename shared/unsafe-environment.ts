import { fault } from "./errors.ts";

/** One way in which an environment weakens what this project relies on. */
interface Weakness {
  readonly name: string;
  readonly rule: string;
  /** The offending value, or null. */
  readonly offends: (value: string) => string | null;
}

/**
 * Options in `NODE_OPTIONS` that weaken TLS and HTTP, write down what they hide, or let every user of the machine in
 * through a debugger. Options that load code are not among them: whoever may set the variable may do all that this
 * process may.
 */
const unsafeNodeOption =
  /^--(tls-min-v1\.[01]|tls-cipher-list|tls-keylog|trace-tls|insecure-http-parser|security-reverts?|openssl-legacy-provider|openssl-config|openssl-shared-config|inspect(-brk|-brk-node|-wait)?)$/;

const weaknesses: readonly Weakness[] = [
  {
    name: "NODE_TLS_REJECT_UNAUTHORIZED",
    rule: "must not switch off the verification of certificates",
    offends: (value) => (value === "0" ? value : null),
  },
  {
    name: "NODE_OPTIONS",
    rule: "must not weaken TLS or HTTP, write down their keys, or open a debugger",
    offends: (value) =>
      value
        .split(/\s+/)
        .map((word) => word.replace(/^["']/, "").split("=")[0]?.replaceAll("_", "-") ?? "")
        .find((option) => unsafeNodeOption.test(option)) ?? null,
  },
  ...["VAULT_SKIP_VERIFY", "HELM_KUBEINSECURE_SKIP_TLS_VERIFY"].map((name): Weakness => ({
    name,
    rule: "must not switch off the verification of certificates",
    // As Go reads a boolean; what it cannot read, Vault's client refuses by itself.
    offends: (value) => (/^(1|t|true)$/i.test(value) ? value : null),
  })),
  ...["VAULT_PROXY_ADDR", "VAULT_HTTP_PROXY"].map((name): Weakness => ({
    name,
    rule: "must not lead Pulumi's login to a proxy",
    // Not shown: it may hold a password.
    offends: (value) => (value === "" ? null : "a proxy"),
  })),
];

/**
 * Every variable of an environment that would switch off or weaken what this project relies on. This project's own
 * connections state their TLS options and would not follow them; the plugins, and whoever copies a command, would.
 *
 * `NODE_EXTRA_CA_CERTS`, `SSL_CERT_FILE` and `SSL_CERT_DIR` are not among them: they add to the public authorities,
 * which count only where nobody named any. Nor is `PGSSLMODE`: how to speak to Postgres is always stated.
 */
export function unsafeEnvironmentFaults(env: NodeJS.ProcessEnv): string[] {
  return weaknesses.flatMap(({ name, rule, offends }) => {
    const got = offends(env[name] ?? "");
    return got === null ? [] : [fault(name, rule, got, `unset it: \`unset ${name}\``)];
  });
}

/**
 * Stops a process whose environment switches off or weakens what this project relies on.
 * @throws {Error} Naming each variable.
 */
export function refuseUnsafeEnvironment(env: NodeJS.ProcessEnv): void {
  const faults = unsafeEnvironmentFaults(env);
  if (faults.length > 0) throw new Error(faults.join("\n"));
}
