/** What each adapter asks the cluster for. That a controller serves it is proved live, and only for the Gateway API. */
import * as k8s from "@pulumi/kubernetes";
import { describe, expect, test } from "vitest";
import type { PassthroughAdapter } from "../../../../../components/vault/passthrough/passthrough-objects.ts";
import { proofEntrance } from "../../../../../components/vault/passthrough/passthrough-proof.ts";
import {
  TlsPassthrough,
  tlsPassthroughFaults,
  type TlsPassthroughArgs,
} from "../../../../../components/vault/passthrough/tls-passthrough.ts";
import { find, record, type Recording } from "../../../../../graph/recorder.ts";

const host = "vault.example.com";
const target = { kubeContext: "c", namespace: "vault", statefulSet: "vault", pods: ["vault-0"], port: 8200, tls: null };
const own: PassthroughAdapter = { kind: "gateway", gateway: { kind: "own", className: "eg" } };

function argsOf(adapter: PassthroughAdapter, changes: Partial<TlsPassthroughArgs> = {}): TlsPassthroughArgs {
  const backend = { namespace: "vault", service: "vault-active", port: 8200 };
  return { host, adapter, backend, proof: { kind: "none" }, ...changes };
}

function passthrough(adapter: PassthroughAdapter, changes: Partial<TlsPassthroughArgs> = {}): Promise<Recording> {
  return record(() => {
    const opts = { provider: new k8s.Provider("cluster", {}) };
    return { url: new TlsPassthrough("vault", argsOf(adapter, changes), opts).url };
  });
}

const gatewayType = "kubernetes:gateway.networking.k8s.io/v1:Gateway";
const routeType = "kubernetes:gateway.networking.k8s.io/v1:TLSRoute";

describe("by a Gateway of its own", () => {
  test("TLS for the host, and for nothing else, passes through one listener", async () => {
    expect(find(await passthrough(own), gatewayType, "vault-gateway").inputs).toMatchObject({
      metadata: { name: "vault", namespace: "vault" },
      spec: {
        gatewayClassName: "eg",
        listeners: [
          {
            protocol: "TLS",
            port: 443,
            hostname: host,
            tls: { mode: "Passthrough" },
            allowedRoutes: {
              namespaces: { from: "Same" },
              kinds: [{ group: "gateway.networking.k8s.io", kind: "TLSRoute" }],
            },
          },
        ],
      },
    });
  });

  test("the route belongs to that Gateway and leads to the Service", async () => {
    const route = find(await passthrough(own), routeType, "vault");
    expect(route.inputs).toMatchObject({
      metadata: { namespace: "vault" },
      spec: {
        parentRefs: [{ group: "gateway.networking.k8s.io", kind: "Gateway", namespace: "vault", name: "vault" }],
        hostnames: [host],
        rules: [{ backendRefs: [{ group: "", kind: "Service", name: "vault-active", port: 8200, weight: 1 }] }],
      },
    });
    expect(route.dependencies).toContain("vault-gateway");
  });

  test("up waits until the controller serves both", async () => {
    const recording = await passthrough(own);
    const waitFor = (type: string, name: string): unknown => {
      const { annotations } = find(recording, type, name).inputs["metadata"] as { annotations: Record<string, string> };
      return JSON.parse(annotations["pulumi.com/waitFor"] ?? "");
    };
    expect(waitFor(gatewayType, "vault-gateway")).toEqual(["condition=Accepted", "condition=Programmed"]);
    expect(waitFor(routeType, "vault")).toEqual([
      'jsonpath={.status.parents[0].conditions[?(@.type=="Accepted")].status}=True',
      'jsonpath={.status.parents[0].conditions[?(@.type=="ResolvedRefs")].status}=True',
    ]);
  });

  test("clients find it at the host, with the port only where it is another than that of HTTPS", async () => {
    expect((await passthrough(own)).outputs).toEqual({ url: `https://${host}` });
    const elsewhere: PassthroughAdapter = { kind: "gateway", gateway: { kind: "own", className: "eg", port: 8443 } };
    expect((await passthrough(elsewhere)).outputs).toEqual({ url: `https://${host}:8443` });
  });
});

describe("by a Gateway that is there", () => {
  const existing: PassthroughAdapter = {
    kind: "gateway",
    gateway: { kind: "existing", namespace: "edge", name: "shared", listener: "tls" },
  };

  test("only the route is made, for the listener that is named", async () => {
    const recording = await passthrough(existing);
    expect(recording.resources.filter(({ type }) => type === gatewayType)).toEqual([]);
    expect(find(recording, routeType, "vault").inputs).toMatchObject({
      metadata: { namespace: "vault" },
      spec: {
        parentRefs: [
          {
            group: "gateway.networking.k8s.io",
            kind: "Gateway",
            namespace: "edge",
            name: "shared",
            sectionName: "tls",
          },
        ],
      },
    });
  });
});

describe("by Traefik", () => {
  test("the route takes the host at the entry point for TLS and passes it through", async () => {
    const { inputs } = find(
      await passthrough({ kind: "traefik" }),
      "kubernetes:traefik.io/v1alpha1:IngressRouteTCP",
      "vault",
    );
    expect(inputs["spec"]).toEqual({
      entryPoints: ["websecure"],
      routes: [{ match: "HostSNI(`vault.example.com`)", services: [{ name: "vault-active", port: 8200 }] }],
      tls: { passthrough: true },
    });
  });
});

describe("by ingress-nginx", () => {
  test("the annotations ask for passthrough and say that the backend speaks TLS", async () => {
    const { inputs } = find(await passthrough({ kind: "nginx" }), "kubernetes:networking.k8s.io/v1:Ingress", "vault");
    expect(inputs).toMatchObject({
      metadata: {
        annotations: {
          "nginx.ingress.kubernetes.io/ssl-passthrough": "true",
          "nginx.ingress.kubernetes.io/backend-protocol": "HTTPS",
        },
      },
      spec: {
        ingressClassName: "nginx",
        rules: [
          {
            host,
            http: { paths: [{ path: "/", backend: { service: { name: "vault-active", port: { number: 8200 } } } }] },
          },
        ],
      },
    });
  });
});

describe("the proof", () => {
  async function entrance(
    proof: Parameters<typeof proofEntrance>[0],
    gateway: Parameters<typeof proofEntrance>[2],
  ): Promise<unknown> {
    return (await record(() => ({ entrance: proofEntrance(proof, host, gateway) }))).outputs["entrance"];
  }

  test("asks at the address that the Gateway says it has", async () => {
    const gateway = { namespace: "vault", name: "vault" };
    const found = { kind: "gateway", namespace: "vault", name: "vault", listener: null };
    expect(await entrance({ kind: "reported", target }, gateway)).toEqual(found);
    expect(await entrance({ kind: "reported", target }, { ...gateway, listener: "tls" })).toEqual({
      ...found,
      listener: "tls",
    });
  });

  test("without a Gateway asks at the port of HTTPS of the host", async () => {
    const found = { kind: "address", address: "vault.example.com:443" };
    expect(await entrance({ kind: "reported", target }, null)).toEqual(found);
  });

  test("asks at another address where that is given", async () => {
    const proof = { kind: "address", target, address: "10.0.0.7:30443" } as const;
    const found = { kind: "address", address: "10.0.0.7:30443" };
    expect(await entrance(proof, { namespace: "vault", name: "vault" })).toEqual(found);
  });

  test("is left out where nobody may ask", async () => {
    const recording = await passthrough(own);
    expect(recording.resources.filter(({ type }) => type.includes("dynamic"))).toEqual([]);
  });
});

describe("the faults", () => {
  test("are all told at once, and nothing is made", async () => {
    const adapter: PassthroughAdapter = { kind: "gateway", gateway: { kind: "own", className: "E G", port: 0 } };
    const wrong = argsOf(adapter, {
      host: "https://vault.example.com",
      proof: { kind: "address", target, address: "x" },
    });
    expect(tlsPassthroughFaults(wrong)).toEqual([
      'host: must be one DNS name in lower-case letters, since TLS carries no address as name, got "https://vault.example.com"; write it as vault.example.com, without scheme and port',
      'adapter.gateway.className: must be the name of a gateway class, got "E G"; list them with `kubectl get gatewayclass`',
      "adapter.gateway.port: must be a port from 1 to 65535, got 0; correct it",
      'proof.address: must be a host and a port, got "x"; write it as vault.example.com:443',
    ]);
    await expect(passthrough(adapter)).rejects.toThrow("adapter.gateway.className");
  });

  test.each(["*.example.com", "10.0.0.7", "Vault.example.com", "vault_1.example.com", "vault.example.com:443", ""])(
    "no client can ask for %j",
    (wrong) => {
      expect(tlsPassthroughFaults(argsOf(own, { host: wrong }))).toHaveLength(1);
    },
  );

  test.each<[PassthroughAdapter, string]>([
    [{ kind: "traefik", entryPoints: [] }, "adapter.entryPoints"],
    [{ kind: "traefik", entryPoints: ["web secure"] }, "adapter.entryPoints"],
    [{ kind: "nginx", className: "" }, "adapter.className"],
    [{ kind: "gateway", gateway: { kind: "existing", namespace: "", name: "g" } }, "adapter.gateway.namespace"],
    [{ kind: "gateway", gateway: { kind: "existing", namespace: "n", name: "G" } }, "adapter.gateway.name"],
  ])("of %j is %s", (adapter, path) => {
    expect(tlsPassthroughFaults(argsOf(adapter)).map((text) => text.split(":")[0])).toEqual([path]);
  });
});
