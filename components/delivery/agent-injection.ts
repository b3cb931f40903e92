import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { KubernetesLogin } from "../access/logins/kubernetes-auth.ts";
import type { PolicyRuleArgs } from "../access/policy.ts";
import type { CredentialSource } from "./custom-resources/dynamic-secret.ts";
import { tokenEndFaults } from "./lifetime-rules.ts";
import type { KvSecret } from "../engines/kv/kv.ts";
import { readSecret } from "../engines/kv/kv-rules.ts";
import { fault } from "../../shared/errors.ts";

/**
 * Secrets that a Vault Agent next to an application writes as files into its memory, driven by the annotations of the
 * Vault Agent Injector. The cluster must provide the injector: without it the pods start without secrets.
 */
export interface AgentInjection {
  /** The role the agent logs in under, with the application's service account. Its policy: {@link injectionRules}. */
  readonly login: KubernetesLogin;
  /** Address of Vault inside the cluster. */
  readonly vaultAddress: pulumi.Input<string>;
  /**
   * How Vault's certificate is verified; it always is.
   * @default - Vault speaks plain HTTP, or with a certificate of a public authority
   */
  readonly tls?: {
    /** Secret in the application's namespace whose key `ca.crt` holds the authorities. */
    readonly caSecret: k8s.core.v1.Secret;
    /** Name the certificate must be for. @default - the host of the address */
    readonly serverName?: string;
  };
  /** The files, by their names in {@link injectedDirectory}. Plain, because they decide which annotations exist. */
  readonly files: Readonly<Record<string, InjectedFile>>;
  /**
   * Whether the agent stays, renews secrets and rewrites files, or writes once before the application starts.
   * @default "sidecar"
   */
  readonly agent?: "sidecar" | "init";
  /** Image of the agent, which is Vault's. @default - the injector's own */
  readonly image?: string;
}

/** One file. */
export type InjectedFile = InjectedSource & {
  /**
   * What is written: a Go template in which `.` holds the fields, such as `{{ .password }}`.
   * @default - all fields as JSON
   */
  readonly text?: string;
  /** Mode of the file. @default "0644" */
  readonly permissions?: `0${number}`;
  /** What the agent runs in its own container after it has rewritten the file. @default - nothing */
  readonly command?: string;
};

/** What a file is written from. */
type InjectedSource =
  | { readonly kind: "static"; readonly source: KvSecret }
  | { readonly kind: "dynamic"; readonly source: CredentialSource };

/** Where the files are. */
export const injectedDirectory = "/vault/secrets";

/** Where the injector puts the Secret with the authorities. */
const caFile = "/vault/tls/ca.crt";

/** The volume with the token that the agent logs in with. */
const tokenVolume = "vault-agent-token";

const prefix = "vault.hashicorp.com";

/** The name part of a Kubernetes annotation may have 63 characters, of which this prefix takes the most. */
const longestFileName = 63 - "agent-inject-template-".length;

/**
 * Renders the annotations of pods.
 * @param injection What is injected; check it with {@link injectionFaults}.
 * @param container Name of the container that gets the files.
 */
export function agentAnnotations(
  injection: AgentInjection,
  container: string,
): Readonly<Record<string, pulumi.Input<string>>> {
  const { login, vaultAddress, tls, files, agent = "sidecar", image } = injection;
  const annotations: Record<string, pulumi.Input<string>> = {
    "agent-inject": "true",
    "agent-inject-containers": container,
    "agent-pre-populate-only": String(agent === "init"),
    // Its leases end with the agent's token, so a pod that is gone leaves no login behind.
    "agent-revoke-on-shutdown": String(agent === "sidecar"),
    "agent-service-account-token-volume-name": tokenVolume,
    "auth-path": pulumi.interpolate`auth/${login.authPath}`,
    role: login.roleName,
    service: vaultAddress,
    ...(image !== undefined && { "agent-image": image }),
    ...(tls !== undefined && { "tls-secret": tls.caSecret.metadata.name, "ca-cert": caFile }),
    ...(tls?.serverName !== undefined && { "tls-server-name": tls.serverName }),
    ...Object.fromEntries(Object.entries(files).flatMap(([name, file]) => fileAnnotations(name, file))),
  };
  return Object.fromEntries(Object.entries(annotations).map(([name, value]) => [`${prefix}/${name}`, value]));
}

function fileAnnotations(name: string, file: InjectedFile): (readonly [string, pulumi.Input<string>])[] {
  const { text = "{{ . | toJSON }}", permissions, command } = file;
  const path = pathOf(file);
  const fields = file.kind === "static" ? ".Data.data" : ".Data";
  const template = pulumi.interpolate`{{- with secret "${path}" -}}{{- with ${fields} -}}${text}{{- end -}}{{- end -}}`;
  return [
    [`agent-inject-secret-${name}`, path],
    [`agent-inject-template-${name}`, template],
    ...(permissions === undefined ? [] : [[`agent-inject-perms-${name}`, permissions] as const]),
    ...(command === undefined ? [] : [[`agent-inject-command-${name}`, command] as const]),
  ];
}

function pathOf(file: InjectedFile): pulumi.Output<string> {
  if (file.kind === "static") return file.source.dataPath;
  return pulumi.interpolate`${file.source.mount}/${file.source.credentialsPath}`;
}

/** The volume with the token that the agent logs in with: for Vault only, unlike the one a pod has by default. */
export function agentTokenVolume({ audience }: KubernetesLogin): k8s.types.input.core.v1.Volume {
  const serviceAccountToken = { path: "token", audience, expirationSeconds: 600 };
  return { name: tokenVolume, projected: { sources: [{ serviceAccountToken }] } };
}

/**
 * Exactly what the role of an agent must be allowed.
 * @returns Rules for a policy.
 */
export function injectionRules(files: AgentInjection["files"]): readonly PolicyRuleArgs[] {
  const rules = Object.values(files).flatMap((file): readonly PolicyRuleArgs[] =>
    file.kind === "static" ? readSecret(file.source) : file.source.rules,
  );
  // Several files of one secret share one rule: of several rules for one path, Vault would heed only the last.
  return rules.filter((rule, index) => rules.findIndex(({ path }) => path === rule.path) === index);
}

/** Every fault of an injection. */
export function injectionFaults(at: string, { files, agent = "sidecar", login }: AgentInjection): string[] {
  const entries = Object.entries(files);
  if (entries.length === 0) {
    return [fault(`${at}.files`, "must hold at least one", {}, "an agent without a file delivers nothing")];
  }
  return entries.flatMap(([name, file]) => {
    const path = `${at}.files.${name}`;
    const faults = fileFaults(path, name, file);
    if (file.kind === "static") return faults;
    const { lifetime } = file.source;
    if (agent === "init" && lifetime?.kind !== "rotation") {
      const rule = `must be "sidecar" with files.${name}, whose lease nobody would renew`;
      return [...faults, fault(`${at}.agent`, rule, agent, "leave it out")];
    }
    return [...faults, ...tokenEndFaults(`${at}.login`, login.tokenEnd, `${path}.source`, lifetime)];
  });
}

function fileFaults(at: string, name: string, { text, permissions }: InjectedFile): string[] {
  const faults: string[] = [];
  if (!/^[a-z0-9]([a-z0-9._-]*[a-z0-9])?$/.test(name) || name.length > longestFileName) {
    const rule = `must be named by at most ${longestFileName} lower-case letters, digits, dots and dashes`;
    faults.push(fault(at, rule, name, "rename the file: its name is part of an annotation"));
  }
  // The injector would take the rest of the name to be a file that holds a template.
  if (name.startsWith("file-")) faults.push(fault(at, "must not be named file-…", name, "rename the file"));
  if (permissions !== undefined && !/^0[0-7]{3}$/.test(permissions)) {
    faults.push(fault(`${at}.permissions`, "must be four octal digits", permissions, "write them as 0440"));
  }
  if (text?.trim() === "") faults.push(fault(`${at}.text`, "must not be empty", text, "leave it out for JSON"));
  return faults;
}
