/**
 * What the walks find of secrets where none may be. It does not prove that they look at every place there is: state,
 * messages and requests are all that a run leaves outside of Vault.
 */
import { gzipSync } from "node:zlib";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { type EscrowPair, makeEscrow } from "../support/escrow-key.ts";
import { leaksOf } from "../support/fault-walk.ts";
import { keysOf } from "../support/key-copies.ts";
import { copiesOfStack } from "../support/served-vault.ts";
import type { VaultWorld } from "../support/vault-world.ts";

let copy: () => Promise<VaultWorld>;
let escrow: EscrowPair;

beforeAll(async () => {
  escrow = await makeEscrow();
  copy = await copiesOfStack(escrow, 1);
});

async function opened(): Promise<VaultWorld> {
  const world = await copy();
  onTestFinished(() => world.close());
  return world;
}

const base64 = (text: string | Buffer): string => Buffer.from(text).toString("base64");

const forms: readonly (readonly [string, (secret: string) => string])[] = [
  ["as it is", (secret) => secret],
  ["in base64", base64],
  ["in base64 twice", (secret) => base64(base64(secret))],
  ["in base64 three times, beside something else", (secret) => base64(base64(`{"a":"${base64(`x${secret}`)}"}`))],
  ["in JSON in base64 in JSON", (secret) => JSON.stringify({ a: base64(JSON.stringify({ b: secret })) })],
  ["hexadecimal in base64", (secret) => base64(Buffer.from(secret).toString("hex"))],
  ["compressed in base64 in base64", (secret) => base64(base64(gzipSync(secret)))],
];

const places: readonly (readonly [string, (world: VaultWorld, text: string) => void])[] = [
  [
    "a Secret",
    (world, text) => world.kube.put("secrets", { metadata: { name: "other" }, data: { value: base64(text) } }),
  ],
  [
    "a request to Kubernetes",
    (world, text) => {
      const request = { server: "kubernetes", method: "PUT", path: "/", query: "", run: "", token: "" } as const;
      world.kube.server.log.push({ ...request, body: JSON.stringify({ data: { value: base64(text) } }) });
    },
  ],
  ["a message", (world, text) => world.stack.messages.push(`something failed: ${text}`)],
  [
    "the state",
    (world, text) => {
      const { initInputs } = world.stack;
      world.stack.state.init = { ...initInputs, keysFingerprint: text, initializedAt: "now" };
    },
  ],
];

describe.each(places)("in %s", (place, put) => {
  test.each(forms)("a secret is found %s", async (_, form) => {
    const world = await opened();
    const [secret = ""] = world.vault.secrets;
    expect(leaksOf(world)).toEqual([]);
    put(world, form(secret));
    expect(leaksOf(world)).toEqual([expect.stringMatching(`^secret 0 in ${place}`)]);
  });

  test("a secret is found beside what is encrypted, which is left out", async () => {
    const world = await opened();
    const [secret = ""] = world.vault.secrets;
    const [{ message } = { message: "" }] = keysOf(world).shares;
    expect(message.length).toBeGreaterThan(200);
    put(world, JSON.stringify({ message, secret: base64(base64(secret)) }));
    expect(leaksOf(world)).toHaveLength(1);
  });
});
