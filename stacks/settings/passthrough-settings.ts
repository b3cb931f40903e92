import { z } from "zod";
import { passthroughFaults, type PassthroughAdapter } from "../../components/vault/passthrough/passthrough-objects.ts";
import { proofFaults, type PassthroughProof } from "../../components/vault/passthrough/passthrough-proof.ts";
import type { VaultTarget } from "../../protocol/types.ts";
import { apiPort } from "../../components/vault/server/topology.ts";

const seeDescription = "see its description in Pulumi.yaml";

const text = z.string({ error: `must be a text; ${seeDescription}` });
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

/** The setting `passthrough`: no way from outside, or one by the objects of a proxy. */
export const passthroughSetting = z.discriminatedUnion(
  "kind",
  [
    z.strictObject({ kind: z.literal("none") }),
    z.strictObject({ kind: z.literal("gateway"), gateway, ...common }),
    z.strictObject({ kind: z.literal("traefik"), entryPoints: z.array(text).optional(), ...common }),
    z.strictObject({ kind: z.literal("nginx"), className: text.optional(), ...common }),
  ],
  { error: "must be of the kind none, gateway, traefik or nginx; set vaultstack:passthrough.kind" },
);

type PassthroughSetting = z.infer<typeof passthroughSetting>;

/** A way from outside, in the terms of the components. */
export interface PassthroughConfig {
  readonly host: string;
  readonly adapter: PassthroughAdapter;
  readonly proof: PassthroughSettingProof;
}

type PassthroughSettingProof = z.infer<typeof proof>;

/**
 * Puts the setting into the terms of the components.
 * @param setting The setting, parsed.
 * @returns The way from outside; null when there is none.
 */
export function passthroughConfig(setting: PassthroughSetting): PassthroughConfig | null {
  if (setting.kind === "none") return null;
  const { host } = setting;
  return { host, adapter: adapterOf(setting), proof: setting.proof };
}

function adapterOf(setting: Exclude<PassthroughSetting, { kind: "none" }>): PassthroughAdapter {
  switch (setting.kind) {
    case "gateway":
      return { kind: "gateway", gateway: setting.gateway };
    case "traefik":
      return { kind: "traefik", entryPoints: setting.entryPoints };
    case "nginx":
      return { kind: "nginx", className: setting.className };
  }
}

/**
 * The proof a stack gives for its Vault.
 * @param chosen The proof of the settings.
 * @param target The pods of the Vault.
 * @returns The proof in the terms of the component.
 */
export function proofOf(chosen: PassthroughSettingProof, target: VaultTarget): PassthroughProof {
  // Certificates are compared and none is trusted, so another authority is no reason to prove it again.
  return chosen.kind === "none" ? chosen : { ...chosen, target: { ...target, tls: null } };
}

/**
 * Every fault of the setting that its form does not show.
 * @param setting The setting, parsed.
 * @returns The faults, each beginning with the part of the setting it is about.
 */
export function passthroughSettingFaults(setting: PassthroughSetting): string[] {
  const config = passthroughConfig(setting);
  if (config === null) return [];
  const { host, adapter, proof: chosen } = config;
  const backend = { namespace: "", service: "", port: apiPort };
  const target = { kubeContext: "", namespace: "", statefulSet: "", pods: [], port: apiPort, tls: null };
  return [...passthroughFaults({ host, adapter, backend }), ...proofFaults(proofOf(chosen, target))].map((fault) =>
    fault.replace(/^adapter\./, ""),
  );
}
