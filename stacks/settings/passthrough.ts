import { z } from "zod";
import {
  passthroughFaults as objectFaults,
  type PassthroughAdapter,
} from "../../components/vault/passthrough/passthrough-objects.ts";
import { proofFaults, type PassthroughProof } from "../../components/vault/passthrough/passthrough-proof.ts";
import type { VaultTarget } from "../../protocol/frame/vault-target.ts";
import { apiPort } from "../../components/vault/server/topology.ts";
import { fault } from "../../shared/errors.ts";
import type { serverSettings } from "./server.ts";
import { type Parsed, project, setting } from "./setting.ts";

const text = z.string({ error: "must be a text; see docs/settings.md" });
const port = z.int({ error: "must be a port from 1 to 65535; correct it" });

const gateway = z.discriminatedUnion(
  "kind",
  [
    z.strictObject({ kind: z.literal("own"), className: text, port: port.optional() }),
    z.strictObject({ kind: z.literal("existing"), namespace: text, name: text, listener: text.optional() }),
  ],
  { error: 'must be {kind: "own"} or {kind: "existing"}; set vaultstack:passthrough.gateway.kind' },
);

const proof = z.discriminatedUnion(
  "kind",
  [
    z.strictObject({ kind: z.literal("reported") }),
    z.strictObject({ kind: z.literal("address"), address: text }),
    z.strictObject({ kind: z.literal("none") }),
  ],
  { error: 'must be {kind: "reported"}, {kind: "address"} or {kind: "none"}; set vaultstack:passthrough.proof.kind' },
);

const common = { host: text, proof: proof.default({ kind: "reported" }) };

const passthroughSetting = z.discriminatedUnion(
  "kind",
  [
    z.strictObject({ kind: z.literal("none") }),
    z.strictObject({ kind: z.literal("gateway"), gateway, ...common }),
    z.strictObject({ kind: z.literal("traefik"), entryPoints: z.array(text).optional(), ...common }),
    z.strictObject({ kind: z.literal("nginx"), className: text.optional(), ...common }),
  ],
  { error: "must be of the kind none, gateway, traefik or nginx; set vaultstack:passthrough.kind" },
);

/** How clients outside the cluster reach Vault. */
export const passthroughSettings = {
  passthrough: setting(passthroughSetting, {
    default: { kind: "none" },
    description:
      "The way from outside the cluster to Vault by the server name host; nobody ends TLS on it. host must be one of vaultHosts. {kind: gateway} makes a TLSRoute, where gateway is {kind: own, className} for a Gateway of that class or {kind: existing, namespace, name}; {kind: traefik} makes an IngressRouteTCP; {kind: nginx} an Ingress for ingress-nginx; {kind: none} nothing. Each run proves that Vault's own certificate is served, at the Gateway's address or else at port 443 of the host; proof is {kind: address, address} to ask elsewhere, or {kind: none}.",
    examples: [
      { kind: "none" },
      { kind: "gateway", host: "vault.example.com", gateway: { kind: "own", className: "eg" } },
      {
        kind: "gateway",
        host: "vault.example.com",
        gateway: { kind: "existing", namespace: "ingress", name: "public" },
        proof: { kind: "address", address: "10.0.0.7:443" },
      },
      { kind: "traefik", host: "vault.example.com" },
      { kind: "nginx", host: "vault.example.com", proof: { kind: "none" } },
    ],
  }),
};

type PassthroughSetting = z.infer<typeof passthroughSetting>;

/** How clients outside the cluster reach Vault, in the form the components take. */
export interface PassthroughConfig {
  readonly host: string;
  readonly adapter: PassthroughAdapter;
  readonly proof: PassthroughSettingProof;
}

type PassthroughSettingProof = z.infer<typeof proof>;

/** Converts the setting to the form the components take; null when there is no way in from outside. */
export function passthroughConfig({ passthrough }: Parsed<typeof passthroughSettings>): PassthroughConfig | null {
  if (passthrough.kind === "none") return null;
  const { host, proof: chosen } = passthrough;
  return { host, adapter: adapterOf(passthrough), proof: chosen };
}

function adapterOf(chosen: Exclude<PassthroughSetting, { kind: "none" }>): PassthroughAdapter {
  switch (chosen.kind) {
    case "gateway":
      return { kind: "gateway", gateway: chosen.gateway };
    case "traefik":
      return { kind: "traefik", entryPoints: chosen.entryPoints };
    case "nginx":
      return { kind: "nginx", className: chosen.className };
  }
}

/**
 * The proof a stack gives for its Vault.
 * @returns The proof in the form the component takes.
 */
export function proofOf(chosen: PassthroughSettingProof, target: VaultTarget): PassthroughProof {
  // Certificates are compared and none is trusted, so a new authority is no reason to prove it again.
  return chosen.kind === "none" ? chosen : { ...chosen, target: { ...target, tls: null } };
}

/**
 * Every fault of the setting that its schema does not catch. Every client would refuse a host that the certificate does
 * not carry.
 */
export function passthroughFaults({
  passthrough,
  server,
  vaultHosts,
}: Partial<Parsed<typeof passthroughSettings & typeof serverSettings>>): string[] {
  const config = passthrough === undefined ? null : passthroughConfig({ passthrough });
  if (passthrough === undefined || config === null) return [];
  const { host, adapter, proof: chosen } = config;
  const path = `${project}:passthrough`;
  const backend = { namespace: "", service: "", port: apiPort };
  const target = { kubeContext: "", namespace: "", statefulSet: "", pods: [], port: apiPort, tls: null };
  const faults = [...objectFaults({ host, adapter, backend }), ...proofFaults(proofOf(chosen, target))].map(
    (text) => `${path}.${text.replace(/^adapter\./, "")}`,
  );
  if (server !== undefined && server !== "raft") {
    const rule = `must be none with the server ${server}, which speaks no TLS`;
    faults.push(fault(`${path}.kind`, rule, passthrough.kind, "set it to none, or the server to raft"));
  } else if (vaultHosts !== undefined && !vaultHosts.includes(host)) {
    const remedy = "add it there with `pulumi config set --path`, so that Vault's certificate carries it";
    faults.push(fault(`${path}.host`, "must be one of vaultHosts", host, remedy));
  }
  return faults;
}
