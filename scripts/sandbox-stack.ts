import { randomBytes } from "node:crypto";
import { z } from "zod";
import type { Extra, FirstSetting, Project, StackConfig, VaultAddress } from "../sandbox/index.ts";
import { makeEscrowKeyPair } from "./escrow-key.ts";

/**
 * What the sandbox is told of this project's stacks: their settings there, their first secrets, where their Vault is.
 */
export const project: Project = {
  // The one of the README's first steps first.
  stacks: ["dev", "ha"],
  settings: ({ nodeAddress, operatorChart }) => ({
    "vaultstack:nodeAddress": nodeAddress,
    // The sandbox has one machine.
    "vaultstack:raftSpread": "preferred",
    "vaultstack:secretsOperatorChart": { kind: "path", path: operatorChart },
  }),
  firstSettings,
  extras,
  vault,
};

/** The secret that the sample app of the project's own stacks shows. */
const demoSecret = "webapp/config";

/** Escrow key pair and demonstration seed. */
async function firstSettings(stack: string, config: StackConfig): Promise<readonly FirstSetting[]> {
  if (config["vaultstack:escrowPublicKey"] !== undefined) return [];
  // Only together with the first keys: a seed that comes back later would be written over what its application wrote.
  const seed = project.stacks.includes(stack) ? demoSeed(config["vaultstack:kvSeeds"]) : {};
  const pair = await makeEscrowKeyPair(stack);
  return [
    ...Object.entries(seed).map(([key, value]) => ({
      words: ["--secret", "--path", `kvSeeds["${demoSecret}"].${key}`],
      value,
    })),
    // The public half last: a run that ends before it leaves none that nobody can decrypt for, and is put right by the
    // next.
    { words: ["--secret", "escrowPrivateKey"], value: pair.privateKey },
    { words: ["escrowPublicKey"], value: pair.publicKey },
  ];
}

/** What is missing from the demonstration secret: the sample app shows both values. */
function demoSeed(seeds: unknown): Record<string, string> {
  const present = isRecord(seeds) ? seeds[demoSecret] : undefined;
  const wanted = { username: "static-user", password: randomBytes(18).toString("base64url") };
  return Object.fromEntries(Object.entries(wanted).filter(([key]) => !isRecord(present) || !(key in present)));
}

/** The gateway, for stacks that pass TLS through one. */
function extras(config: StackConfig): readonly Extra[] {
  const passthrough = config["vaultstack:passthrough"];
  return isRecord(passthrough) && passthrough["kind"] === "gateway" ? ["gateway"] : [];
}

const outputs = z.object({
  vaultAddress: z.url(),
  vaultInternalAddress: z.url(),
  vaultCaCertificate: z.string().default(""),
});

function vault(found: unknown): VaultAddress | undefined {
  const known = outputs.safeParse(found).data;
  if (known === undefined) return undefined;
  const { vaultAddress: address, vaultInternalAddress: internalAddress, vaultCaCertificate: caCertificate } = known;
  return { address, internalAddress, caCertificate };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
