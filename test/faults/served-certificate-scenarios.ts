import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer, type Server } from "node:tls";
import { createIn } from "../../protocol/certificate/served-certificate-resource.ts";
import type { Entrance } from "../../protocol/certificate/served-certificate.ts";
import { fakeContext, FakeKubernetes } from "../support/fake-kubernetes.ts";
import type { RequestScenario } from "../support/request-walk.ts";
import { makeTlsPair, type TlsPair } from "../support/tls-pair.ts";
import type { Received } from "../support/wire.ts";

const host = "vault.vault.svc";
const pods = ["vault-0", "vault-1"];

/** A renewed certificate is waited for at the pods, and the pods' own at a Gateway. */
export async function servedCertificates(): Promise<RequestScenario[]> {
  const [old, renewed] = await Promise.all([makeTlsPair([host]), makeTlsPair([host])]);
  const scenario = (name: string, entrance: Entrance, before: TlsPair): RequestScenario => ({
    name,
    open: async () => {
      const servers = await Promise.all(pods.map(() => serve(before)));
      const kube = certifiedCluster(servers, renewed);
      await kube.listen();
      const target = {
        kubeContext: fakeContext,
        namespace: "vault",
        statefulSet: "vault",
        pods,
        port: 8200,
        tls: null,
      };
      const others: string[] = [];
      return {
        world: {
          kube,
          vaults: [],
          close: async () => {
            for (const server of servers) server.close();
            await kube.close();
          },
        },
        run: async (context) => ({
          ...(await createIn(context, { target, host, entrance, protocolVersion: 1 })).outs,
        }),
        saw: (request) => {
          if (!isHarmless(request)) others.push(`${request.method} ${request.path} ${request.body}`);
        },
        harm: () => Promise.resolve(others),
        secrets: () => [renewed.key, encode(renewed.key), renewed.key.split("\n")[1] ?? renewed.key],
      };
    },
  });
  return [
    scenario("a renewed certificate is waited for", { kind: "pods", secret: "vault-tls", fingerprint: null }, old),
    scenario(
      "the certificate is looked for at a Gateway",
      { kind: "gateway", namespace: "vault", name: "entrance", listener: null },
      renewed,
    ),
  ];
}

/** It reads, opens streams, and writes a fingerprint to the pods. */
function isHarmless({ method, path, body }: Received): boolean {
  if (method === "GET" || method === "CONNECT") return true;
  return (
    method === "PATCH" &&
    /\/pods\/vault-\d$/.test(path) &&
    /^\{"metadata":\{"annotations":\{"vaultstack\/certificate":"[0-9A-F:]{95}"\}\}\}$/.test(body)
  );
}

function certifiedCluster(servers: readonly Server[], renewed: TlsPair): FakeKubernetes {
  const kube = new FakeKubernetes(
    "vault",
    "vault",
    servers.map((server, index) => ({
      name: pods[index] ?? "",
      port: () => portOf(server),
      onAnnotate: () => {
        server.setSecureContext({ cert: renewed.certificate, key: renewed.key });
      },
    })),
  );
  kube.put("secrets", {
    metadata: { name: "vault-tls" },
    data: { "tls.crt": encode(renewed.certificate), "tls.key": encode(renewed.key) },
  });
  kube.put("gateways", {
    metadata: { name: "entrance" },
    spec: {
      listeners: servers
        .slice(0, 1)
        .map((server) => ({ name: "vault", protocol: "TLS", port: portOf(server), hostname: host })),
    },
    status: { addresses: [{ value: "127.0.0.1" }] },
  });
  return kube;
}

async function serve(pair: TlsPair): Promise<Server> {
  const server = createServer({ cert: pair.certificate, key: pair.key }, (socket) =>
    socket.on("error", () => undefined),
  );
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

function encode(text: string): string {
  return Buffer.from(text).toString("base64");
}
