import { z } from "zod";

const sealStatus = z.object({ initialized: z.boolean(), sealed: z.boolean(), cluster_id: z.string().optional() });
const tokenSelf = z.object({ data: z.object({ policies: z.array(z.string()) }) });
const loginAnswer = z.object({ auth: z.object({ client_token: z.string() }) });
const kvAnswer = z.object({ data: z.object({ data: z.record(z.string(), z.string()) }) });

/** Vault's API as an operator or a workload would call it. A test's client: it shares no code with the product's. */
export interface VaultClient {
  sealStatus(): Promise<z.infer<typeof sealStatus>>;
  lookupSelf(): Promise<z.infer<typeof tokenSelf>["data"]>;
  loginAppRole(path: string, roleId: string, secretId: string): Promise<string>;
  loginKubernetes(path: string, role: string, jwt: string): Promise<string>;
  writeKv(mount: string, name: string, data: Readonly<Record<string, string>>): Promise<void>;
  readKv(mount: string, name: string): Promise<Record<string, string>>;
  /** Status code of a request, for what must be refused. */
  status(method: string, path: string, body?: unknown): Promise<number>;
  /** The answer of a request that must succeed. */
  request(method: string, path: string, body?: unknown): Promise<unknown>;
  /** The same client that asks for answers in a wrapping token of this life. */
  wrapping(ttl: string): VaultClient;
}

/** A client for one address and token. */
export function vaultAt(address: string, token = "", wrapTtl = ""): VaultClient {
  const send = async (method: string, path: string, body?: unknown): Promise<Response> =>
    fetch(`${address}/v1/${path}`, {
      method,
      headers: {
        ...(token !== "" && { "X-Vault-Token": token }),
        ...(wrapTtl !== "" && { "X-Vault-Wrap-TTL": wrapTtl }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  const request = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const response = await send(method, path, body);
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return response.status === 204 ? null : response.json();
  };
  return {
    request,
    wrapping: (ttl) => vaultAt(address, token, ttl),
    status: async (method, path, body) => (await send(method, path, body)).status,
    sealStatus: async () => sealStatus.parse(await request("GET", "sys/seal-status")),
    lookupSelf: async () => tokenSelf.parse(await request("GET", "auth/token/lookup-self")).data,
    loginAppRole: async (path, roleId, secretId) =>
      loginAnswer.parse(await request("POST", `auth/${path}/login`, { role_id: roleId, secret_id: secretId })).auth
        .client_token,
    loginKubernetes: async (path, role, jwt) =>
      loginAnswer.parse(await request("POST", `auth/${path}/login`, { role, jwt })).auth.client_token,
    writeKv: async (mount, name, data) => {
      await request("POST", `${mount}/data/${name}`, { data });
    },
    readKv: async (mount, name) => kvAnswer.parse(await request("GET", `${mount}/data/${name}`)).data.data,
  };
}

/**
 * Asks again when no answer came: the client keeps connections to pods that are gone meanwhile, and a standby that
 * knows no leader yet sends it to a name that only the cluster resolves.
 */
export async function patiently<Result>(ask: () => Promise<Result>): Promise<Result> {
  const deadline = Date.now() + 15_000;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof TypeError) || Date.now() > deadline) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}
