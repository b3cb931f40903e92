import { z } from "zod";
import type { Call, Unsigned } from "./vault-call.ts";
import { VaultRefusal } from "./vault-error.ts";

/** What Vault says of a token without revealing it. */
const tokenDetails = z.object({
  data: z.object({
    accessor: z.string(),
    policies: z.array(z.string()),
    /** The request that made it; `auth/token/root` for one that was made with shares, or by initialising. */
    path: z.string().default(""),
    /** Seconds of Vault's own clock. */
    creation_time: z.number().default(0),
  }),
});

const accessors = z.object({ data: z.object({ keys: z.array(z.string()) }) });

/** What Vault says of a token. */
export type TokenDetails = z.infer<typeof tokenDetails>["data"];

/** The calls about other tokens, for a root token. */
export interface TokenSession {
  /** What Vault says of this session's own token. */
  ownDetails(): Promise<TokenDetails>;
  tokenAccessors(): Promise<readonly string[]>;
  /** Null when that token is dead. */
  detailsOf(accessor: string): Promise<TokenDetails | null>;
  revokeAccessor(accessor: string): Promise<void>;
}

/** These calls with a token. */
export function tokenSession(call: Call, send: (request: Unsigned) => Promise<void>, token: string): TokenSession {
  return {
    ownDetails: async () => (await call(tokenDetails, { method: "GET", path: "auth/token/lookup-self", token })).data,
    tokenAccessors: async () =>
      (await call(accessors, { method: "GET", path: "auth/token/accessors?list=true", token })).data.keys,
    detailsOf: async (accessor) => {
      try {
        const path = "auth/token/lookup-accessor";
        return (await call(tokenDetails, { method: "PUT", path, token, body: { accessor } })).data;
      } catch (error) {
        if (error instanceof VaultRefusal && (error.status === 403 || error.status === 404)) return null;
        throw error;
      }
    },
    revokeAccessor: (accessor) => send({ method: "PUT", path: "auth/token/revoke-accessor", body: { accessor } }),
  };
}
