import type { KubeApi } from "../../kube/kube-client.ts";
import { KubeError } from "../../kube/kube-error.ts";
import { publishedAuthorities } from "./published-authorities.ts";
import type { VaultTlsTarget } from "../frame/vault-target.ts";

/** Name of the objects that a stack makes for its certificate. */
export const certificateName = "vault-tls";

/** Key in the Secret that holds the authorities. */
const authorityKey = "ca.crt";

/** How long what was read counts: a survey of all pods reads once, and a replacement is noticed while it is awaited. */
const freshMs = 1_000;

const memories = new WeakMap<KubeApi, Map<string, { readonly at: number; readonly answer: Promise<string> }>>();

/**
 * The authorities that Vault's listeners are verified with now.
 *
 * @param tls Names the Secret with them; a state from before this field existed means the usual one.
 * @returns PEM bundle.
 * @throws when there are none; nothing is trusted without them.
 */
export function trustedAuthorities(
  kube: KubeApi,
  namespace: string,
  { authoritySecret: name = certificateName }: Partial<VaultTlsTarget>,
): Promise<string> {
  const memory = memories.get(kube) ?? new Map<string, { readonly at: number; readonly answer: Promise<string> }>();
  memories.set(kube, memory);
  const place = `${namespace}/${name}`;
  const known = memory.get(place);
  if (known !== undefined && performance.now() - known.at < freshMs) return known.answer;
  const answer = requireAuthorities(kube, namespace, name);
  memory.set(place, { at: performance.now(), answer });
  return answer;
}

async function requireAuthorities(kube: KubeApi, namespace: string, name: string): Promise<string> {
  const bundle = await storedAuthorities(kube, namespace, name);
  if (bundle !== null) return bundle;
  throw new Error(`nothing to verify its certificate with: the Secret ${namespace}/${name} has no ${authorityKey}`);
}

/**
 * What is trusted now, for whoever may read the Secret; for others what the last run published.
 *
 * @returns PEM bundle; null when there is none yet.
 */
export async function storedAuthorities(kube: KubeApi, namespace: string, name: string): Promise<string | null> {
  const secret = await kube.readSecret(namespace, name).catch((error: unknown) => {
    if (error instanceof KubeError && error.kind === "forbidden") return null;
    throw error;
  });
  const encoded = secret?.data?.[authorityKey];
  if (encoded !== undefined && encoded !== "") return Buffer.from(encoded, "base64").toString();
  return publishedAuthorities(kube, namespace);
}
