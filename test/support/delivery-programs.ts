import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as vault from "@pulumi/vault";
import { KubernetesAuth } from "../../components/access/logins/kubernetes-auth.ts";
import type { DeliveredSecret } from "../../components/delivery/consumer-rules.ts";
import { existingOperator } from "../../components/delivery/custom-resources/custom-resource.ts";
import { SecretDelivery } from "../../components/delivery/secret-delivery.ts";
import { SecretTransformation } from "../../components/delivery/custom-resources/secret-transformation.ts";
import { StaticSecret } from "../../components/delivery/custom-resources/static-secret.ts";
import { VaultAuth } from "../../components/delivery/custom-resources/vault-auth.ts";
import { VaultAuthGlobal } from "../../components/delivery/custom-resources/vault-auth-global.ts";
import { VaultConnection } from "../../components/delivery/custom-resources/vault-connection.ts";
import { KvEngine } from "../../components/engines/kv/kv.ts";
import { PkiEngine } from "../../components/engines/pki/pki.ts";

const rules = [{ path: "db/creds/app", capabilities: ["read"] }] as const;
// Of an engine that another stack declares.
const source = { mount: pulumi.output("db"), credentialsPath: "creds/app", rules };
const created = (name: string) => ({ kind: "create", name }) as const;

/** Programs about delivery, by what they show. */
export const deliveryPrograms = {
  "every kind of secret": () => {
    deliver((kv, pki) => ({
      one: { kind: "static", source: kv.secret("config"), destination: created("one") },
      again: { kind: "static", source: kv.secret("config"), destination: created("again") },
      login: { kind: "dynamic", source, destination: created("login") },
      web: {
        kind: "certificate",
        source: pki.role("web"),
        destination: created("web"),
        commonName: "web.test",
      },
    }));
  },
  "nothing to revoke": () => {
    deliver(() => ({
      login: { kind: "dynamic", source, destination: created("login"), revoke: false },
      rotated: {
        kind: "dynamic",
        source: { ...source, lifetime: { kind: "rotation", period: "1h" } },
        destination: created("r"),
      },
    }));
  },
  "one secret": () => {
    deliver((kv) => ({
      config: {
        kind: "static",
        source: kv.secret("shop/config"),
        destination: { ...created("shop-config"), transformation: { excludeRaw: true, includes: ["^user"] } },
        refreshAfter: "1d",
        rolloutRestart: [{ kind: "Deployment", name: "shop" }],
        timeout: "5m",
      },
    }));
  },
  "a mount that nobody declares": () => {
    deliver(() => ({ login: { kind: "dynamic", source: { ...source, mount: "db" }, destination: created("login") } }));
  },
  "one Secret for two workloads": () => {
    const parts = deliver((kv) => ({ a: { kind: "static", source: kv.secret("a"), destination: created("taken") } }));
    const secrets = { b: { kind: "static", source: parts.kv.secret("b"), destination: created("taken") } } as const;
    new SecretDelivery("other", { ...parts.common, secrets }, parts.opts);
  },
  "shared settings": shareSettings,
} as const;

/** Name of a program. */
export type DeliveryProgram = keyof typeof deliveryPrograms;

export function isDeliveryProgram(name: string): name is DeliveryProgram {
  return name in deliveryPrograms;
}

function deliver(secrets: (kv: KvEngine, pki: PkiEngine) => Record<string, DeliveredSecret>) {
  const provider = new vault.Provider("vault", { address: "http://vault.test" });
  const cluster = new k8s.Provider("cluster", {});
  const opts = { providers: [provider, cluster] };
  const metadata = { name: "app", namespace: "shop" };
  const serviceAccount = new k8s.core.v1.ServiceAccount("account", { metadata }, { provider: cluster });
  const auth = new KubernetesAuth("login", { roles: {} }, opts);
  const operator = existingOperator("test");
  const connection = new VaultConnection("vault", { operator, namespace: "shop", vaultAddress: "http://v" }, opts);
  const lifetime = { kind: "periodic", period: "120s" } as const;
  const kv = new KvEngine("kv", {}, opts);
  const web = { allowedDomains: ["test"], ttl: "24h", maxTtl: "72h" } as const;
  const authority = { kind: "root", commonName: "apps", ttl: "365d" } as const;
  const pki = new PkiEngine("pki", { authority, vaultAddress: "http://v", roles: { web } }, opts);
  const common = { serviceAccount, connection, auth, lifetime };
  new SecretDelivery("app", { ...common, secrets: secrets(kv, pki) }, opts);
  return { kv, common, opts };
}

function shareSettings(): void {
  const cluster = { provider: new k8s.Provider("cluster", {}) };
  const operator = existingOperator("test");
  const namespace = "shop";
  const tls = {
    caCertificate: "an-authority",
    serverName: "vault.test",
  };
  const connection = new VaultConnection("vault", { operator, namespace, vaultAddress: "https://v", tls }, cluster);
  const global = new VaultAuthGlobal(
    "shared",
    { connection, namespace, allowedNamespaces: ["shop"], defaultAuthMethod: "jwt", jwt: { mount: "jwt" } },
    cluster,
  );
  const spec = { method: "jwt", jwt: { role: "shop", serviceAccount: "app" } } as const;
  const auth = new VaultAuth("app", { connection, global, method: { kind: "other", namespace, spec } }, cluster);
  const templates = { url: { text: "{{ .Secrets.host }}" } };
  const urls = new SecretTransformation("urls", { operator, namespace, templates, excludes: [".*"] }, cluster);
  const name = pulumi.output("config");
  const kvSecret = { mount: pulumi.output("kv"), name: "config", dataPath: name, metadataPath: name };
  const destination = { ...created("config"), type: "Opaque", transformation: { shared: [urls] } };
  new StaticSecret("config", { auth, source: kvSecret, destination }, cluster);
}
