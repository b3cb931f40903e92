import { fault, hidden } from "../../shared/errors.ts";
import { type ClusterEntry, type ExecEntry, isText, type UserEntry } from "./kubeconfig-file.ts";

/** Versions of the contract with exec plugins. */
const execVersions = ["client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1"];

/** Schemes of proxies, as `kubectl` takes them. */
export const proxySchemes = ["http:", "https:", "socks5:", "socks5h:"];

/** `kubectl` asks at a terminal; the official Kubernetes plugin, which has none, refuses `Always` as well. */
const unasked = "let the plugin log in without a question: nobody can be asked while Pulumi runs";

const remedy = "correct the kubeconfig; `kubectl` refuses it too";

/** Every fault of what a kubeconfig says about one cluster and one user, by the rules of `kubectl`. */
export function accessFaults(cluster: ClusterEntry, user: UserEntry): string[] {
  return [
    ...clusterFaults(cluster).map((text) => `cluster.${text}`),
    ...[...userFaults(user), ...execFaults(user.exec ?? null)].map((text) => `user.${text}`),
  ];
}

function clusterFaults(cluster: ClusterEntry): string[] {
  const authorities = both(cluster, "certificate-authority");
  const proxy = cluster["proxy-url"];
  const isTrusting = isText(cluster["certificate-authority"]) || isText(cluster["certificate-authority-data"]);
  return [
    ...(isText(cluster.server) ? [] : [fault("server", "must be given", cluster.server, remedy)]),
    ...authorities,
    ...(isTrusting && cluster["insecure-skip-tls-verify"] === true
      ? [fault("insecure-skip-tls-verify", "must not be true beside an authority", true, "remove it")]
      : []),
    // Not shown: it may hold a password.
    ...(isText(proxy) && !(URL.canParse(proxy) && proxySchemes.includes(new URL(proxy).protocol))
      ? [fault("proxy-url", "must be a URL of http, https or socks5", hidden, remedy)]
      : []),
  ];
}

function userFaults(user: UserEntry): string[] {
  const hasCertificate = isText(user["client-certificate"]) || isText(user["client-certificate-data"]);
  const hasKey = isText(user["client-key"]) || isText(user["client-key-data"]);
  const isBasic = isText(user.username) || isText(user.password);
  const hasDetails =
    isText(user["as-uid"]) ||
    (user["as-groups"] ?? []).length > 0 ||
    Object.keys(user["as-user-extra"] ?? {}).length > 0;
  return [
    ...both(user, "client-certificate"),
    ...both(user, "client-key"),
    ...(hasCertificate && !hasKey
      ? [fault("client-key", "must be given with a client certificate", undefined, remedy)]
      : []),
    ...(isBasic && isText(user.token) ? [fault("token", "must not be given beside username", hidden, remedy)] : []),
    ...(hasDetails && !isText(user.as)
      ? [fault("as", "must be given with as-uid, as-groups or as-user-extra", undefined, remedy)]
      : []),
    ...providerFaults(user),
  ];
}

/** The same providers that `kubectl` still supports. */
function providerFaults({ exec, "auth-provider": provider }: UserEntry): string[] {
  if (provider === undefined || provider === null) return [];
  if (exec !== undefined && exec !== null) {
    return [fault("auth-provider", "must not be given beside exec", provider.name, remedy)];
  }
  if (provider.name === "oidc") return [];
  const instead =
    "use its exec plugin, such as gke-gcloud-auth-plugin or kubelogin; `kubectl` has it no more since 1.26";
  return [fault("auth-provider.name", "must be oidc", provider.name, instead)];
}

function execFaults(exec: ExecEntry | null): string[] {
  if (exec === null) return [];
  const mode = exec.interactiveMode;
  const isMode = !isText(mode) || ["Never", "IfAvailable"].includes(mode);
  return [
    ...(isText(exec.command) ? [] : [fault("exec.command", "must be given", exec.command, remedy)]),
    ...(execVersions.includes(exec.apiVersion ?? "")
      ? []
      : [fault("exec.apiVersion", `must be ${execVersions.join(" or ")}`, exec.apiVersion, "update the plugin")]),
    ...((exec.env ?? []).every(({ name }) => isText(name))
      ? []
      : [fault("exec.env", "must name each variable", hidden, remedy)]),
    ...(isMode ? [] : [fault("exec.interactiveMode", "must be Never or IfAvailable", mode, unasked)]),
  ];
}

/** A part that is given as a file and as data as well: one of the two would be ignored. */
function both<Name extends string>(entry: { readonly [Key in Name | `${Name}-data`]?: string }, name: Name): string[] {
  const data = `${name}-data` as const;
  if (!isText(entry[name]) || !isText(entry[data])) return [];
  return [fault(data, `must not be given beside ${name}`, hidden, remedy)];
}
